#include "kernels/weight_gradients.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "base/threads.h"
#include "kernels/elementwise.h"

namespace recur {
namespace {

// Ranges of rows, in as few as can be.
class Ranges {
 public:
  Ranges(std::size_t most, Arena& arena) : ranges_(arena.take<RowRange>(most)) {}

  void add(const RowRange& range) {
    if (range.first >= range.last) return;
    if (count_ > 0 && ranges_[count_ - 1].last == range.first) {
      ranges_[count_ - 1].last = range.last;
    } else {
      ranges_[count_++] = range;
    }
  }
  operator std::span<const RowRange>() const { return ranges_.first(count_); }

 private:
  std::span<RowRange> ranges_;
  std::size_t count_ = 0;
};

// Where a part of the batch lies among the rows of all steps.
std::span<const RowRange> rows_of(const Steps& steps, const BatchPart& part, Arena& arena) {
  Ranges ranges(part.last_step - part.first_step, arena);
  for (std::size_t t = part.first_step; t < part.last_step; ++t) ranges.add(rows_of_step(steps, t, part.rows));
  return ranges;
}

// Where its states before each step lie in the values of a state.
std::span<const RowRange> rows_before(const LayerShape& shape, const Steps& steps, const BatchPart& part,
                                      Arena& arena) {
  Ranges ranges(2 * (part.last_step - part.first_step), arena);
  for (std::size_t t = part.first_step; t < part.last_step; ++t) {
    const RowRange rows{part.rows.first, std::min(part.rows.last, steps.rows(t))};
    if (rows.first >= rows.last) continue;
    for_rows_before(shape, steps, t, rows, [&](std::size_t first, std::size_t last, std::size_t before) {
      ranges.add({before, before + last - first});
    });
  }
  return ranges;
}

// The gradient of a one-hot input's weight: each row's gradient is added to its tokens. Threads own columns.
void scatter(const LayerShape& shape, const LayerTrace& trace, const GateRun& run, std::span<const RowRange> ranges,
             const LayerTensors<float>& gradients) {
  const std::size_t width_of_token = shape.rows_of_weight(run.weight);
  const ConstMatrix d = gate_gradients(shape, trace, run, {0, trace.steps->total()});
  constexpr std::size_t kColumns = 64;
  parallel_for((d.columns + kColumns - 1) / kColumns, [&](std::size_t slice) {
    const std::size_t first = slice * kColumns;
    const std::size_t count = std::min(kColumns, d.columns - first);
    for (const RowRange& rows : ranges) {
      for (std::size_t i = rows.first * shape.window; i < rows.last * shape.window; ++i) {
        const int index = trace.input.indices[i];
        if (index < 0) continue;
        float* to = gradients.weight[run.weight] + static_cast<std::size_t>(index) * width_of_token +
                    run.first_row * shape.width_of_stage(run.stage) + first;
        const float* from = d.data + i / shape.window * d.stride + first;
        accumulate_elements(count, from, to);
      }
    }
  });
}

// What runs multiplied, packed, each once.
class PackedSources {
 public:
  PackedSources(const LayerShape& shape, const LayerTrace& trace, const GateRuns& runs, const BatchPart& part,
                std::span<const RowRange> rows, Arena& scratch) {
    const std::span<const RowRange> before = rows_before(shape, *trace.steps, part, scratch);
    for (const GateRun& run : runs) {
      PackedMatrix& packed = of(run);
      if (packed.data != nullptr || (run.source == StageInfo::kInput && shape.one_hot)) continue;
      const auto slot = static_cast<std::size_t>(run.source);
      const bool input = run.source == StageInfo::kInput, state = !input && slot < shape.cell->states;
      const std::size_t columns = input ? shape.input : shape.width_of_slot(slot);
      const ConstMatrix values{input ? trace.input.dense : trace.sources[slot], 0, columns, columns};
      packed = pack_if_wide(values, state ? before : rows, scratch);
    }
  }
  const PackedMatrix& of(const GateRun& run) const { return packed_[place(run)]; }

 private:
  static std::size_t place(const GateRun& run) {
    return run.source == StageInfo::kInput ? kMostSlots : static_cast<std::size_t>(run.source);
  }
  PackedMatrix& of(const GateRun& run) { return packed_[place(run)]; }

  std::array<PackedMatrix, kMostSlots + 1> packed_{};
};

// The gates from `gate` on that the same runs have, up to `last`, and these runs' parts.
struct SharedGates {
  std::array<GateRun, kMostTransposed> runs;
  std::size_t count = 0, last;

  SharedGates(const GateRuns& all, std::size_t stage, std::size_t gate, std::size_t gates) : last(gates) {
    for (const GateRun& run : all) {
      if (run.stage != stage) continue;
      if (run.has(gate)) runs.at(count++) = run;
      const std::size_t end = run.first_gate > gate ? run.first_gate : run.last_gate();
      if (end > gate) last = std::min(last, end);
    }
    for (std::size_t i = 0; i < count; ++i) runs[i] = runs[i].part(gate, last);
  }
};

// Adds the gradients of all that such gates were products of; those of the gates are packed once for all.
void add_gates(const LayerShape& shape, const LayerTrace& trace, const SharedGates& gates,
               std::span<const RowRange> rows, const PackedSources& sources, const LayerTensors<float>& to,
               Arena& scratch) {
  if (gates.count == 0) return;
  const ConstMatrix d = gate_gradients(shape, trace, gates.runs[0], {0, trace.steps->total()});
  std::array<TransposedProduct, kMostTransposed> products;
  std::size_t count = 0;
  float* sums = nullptr;
  for (std::size_t i = 0; i < gates.count; ++i) {
    const GateRun& run = gates.runs[i];
    if (shape.cell->weights[run.weight].bias && sums == nullptr) {
      sums = scratch.take<float>(d.columns).data();
      std::fill_n(sums, d.columns, 0.0F);
    }
    if (run.source == StageInfo::kInput && shape.one_hot) {
      scatter(shape, trace, run, rows, to);
      continue;
    }
    const PackedMatrix& source = sources.of(run);
    float* weight = to.weight[run.weight] + run.first_row * shape.width_of_stage(run.stage) * source.columns;
    products[count++] = {source, {weight, d.columns, source.columns, source.columns}};
  }
  accumulate_transposed(d, rows, {products.data(), count}, sums);
  for (std::size_t i = 0; i < gates.count; ++i) {
    const GateRun& run = gates.runs[i];
    if (!shape.cell->weights[run.weight].bias) continue;
    accumulate_elements(d.columns, sums, to.bias[run.weight] + run.first_row * shape.width_of_stage(run.stage));
  }
}

std::size_t floats_of_weights(const LayerShape& shape) {
  std::size_t floats = 0;
  for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
    floats += shape.rows_of_weight(w) * shape.columns_of_weight(w);
  }
  return floats;
}

// Calls visit(floats, tensors[i] of each of `tensors`) for every weight and bias.
template <class Visit, class... Tensors>
void for_each_weight(const LayerShape& shape, const Visit& visit, Tensors&... tensors) {
  for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
    visit(shape.rows_of_weight(w) * shape.columns_of_weight(w), tensors.weight[w]...);
    if (shape.cell->weights[w].bias) visit(shape.rows_of_weight(w), tensors.bias[w]...);
  }
}

// Slices of enough rows for efficient products, of a layer so narrow that the gates of a product's rows weigh more than
// its sums.
std::size_t slices_of(const LayerShape& shape, const Steps& steps, std::size_t most) {
  constexpr std::size_t kMostFloats = std::size_t{1} << 17, kLeastRows = 64;
  if (floats_of_weights(shape) > kMostFloats) return 1;
  return std::bit_floor(std::clamp<std::size_t>(steps.batch() / kLeastRows, 1, most));
}

}  // namespace

ConstMatrix gate_gradients(const LayerShape& shape, const LayerTrace& trace, const GateRun& run, const RowRange& rows) {
  const std::size_t stride = shape.gate_stride(run.stage), width = shape.width_of_stage(run.stage);
  return {trace.gates[run.stage] + rows.first * stride + run.first_gate * width, rows.last - rows.first,
          run.count * width, stride};
}

void add_weight_gradients(const LayerShape& shape, const GateRuns& runs, const LayerTrace& trace, const BatchPart& part,
                          const LayerTensors<float>& to, Arena& scratch) {
  const Arena::Mark mark = scratch.mark();
  const std::span<const RowRange> rows = rows_of(*trace.steps, part, scratch);
  const PackedSources sources(shape, trace, runs, part, rows, scratch);
  for (std::size_t s = 0; s < shape.cell->stages.size(); ++s) {
    for (std::size_t gate = 0; gate < shape.cell->stages[s].gates.size();) {
      const SharedGates gates(runs, s, gate, shape.cell->stages[s].gates.size());
      add_gates(shape, trace, gates, rows, sources, to, scratch);
      gate = gates.last;
    }
  }
  scratch.release(mark);
}

GradientSlices::GradientSlices(const LayerShape& shape, const Steps& steps, const LayerTensors<float>& to, Arena& arena)
    : shape_(shape), steps_(steps), to_(to), count_(slices_of(shape, steps, kMost)) {
  if (count_ == 1) {
    sums_[0] = to;
    return;
  }
  constexpr std::size_t kScratch = std::size_t{1} << 20;
  for (std::size_t slice = 0; slice < count_; ++slice) {
    const auto take = [&](std::size_t floats, float*& sums) {
      sums = arena.take<float>(floats).data();
      std::fill_n(sums, floats, 0.0F);
    };
    for_each_weight(shape, take, sums_[slice]);
    scratch_[slice] = arena.part(kScratch);
  }
}

void GradientSlices::finish() const {
  for (std::size_t slice = 0; slice < count_ && count_ > 1; ++slice) {
    for_each_weight(shape_, accumulate_elements, sums_[slice], to_);
  }
}

}  // namespace recur
