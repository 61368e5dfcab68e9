#include <algorithm>

#include "base/threads.h"
#include "kernels/attention.h"
#include "kernels/recurrent_rows.h"
#include "kernels/recurrent_steps.h"
#include "kernels/softmax.h"
#include "nn/attentive_steps.h"

namespace recur {
namespace {

class Forward {
 public:
  Forward(const PackedAttentive& layer, const Steps& steps, const SourceMemory& memory, const AttentiveInput& input,
          Arena& arena)
      : layer_(layer),
        shape_(layer.shape),
        steps_(steps),
        memory_(memory),
        source_of_(input.source_of),
        covered_(input.covered),
        input_(arena.take<float>(steps.total(), shape_.cell_input()).data()),
        cell_(*layer.cell, steps, {input_, nullptr, input.noise}, input.initial, arena) {
    const std::span<std::size_t> begin = arena.take<std::size_t>(steps.total() + 1);
    begin[0] = 0;
    for (std::size_t t = 0, row = 0; t < steps.length(); ++t) {
      for (std::size_t r = 0; r < steps.rows(t); ++r, ++row) begin[row + 1] = begin[row] + memory.length(source_of_[r]);
    }
    trace_.cell = cell_.trace();
    trace_.steps = &steps;
    trace_.source_of = source_of_;
    trace_.memory = memory;
    trace_.begin = begin;
    trace_.alignments = arena.take<float>(begin.back()).data();
    if (input.covers) trace_.covered = arena.take<float>(begin.back()).data();
    trace_.output = arena.take<float>(steps.total(), shape_.output()).data();
    if (shape_.before_cell()) {
      trace_.query = arena.take<float>(steps.total(), shape_.key).data();
    } else {
      trace_.combined = arena.take<float>(steps.total(), shape_.memory + shape_.state).data();
      for (std::size_t row = 0; row < steps.batch(); ++row) {
        if (input.fed != nullptr) {
          std::copy_n(input.fed + row * shape_.state, shape_.state, fed(row));
        } else {
          std::fill_n(fed(row), shape_.state, 0.0F);
        }
      }
    }
    parallel_slices(steps.total(), kRowSlice, [&](std::size_t first, std::size_t last) {
      for (std::size_t row = first; row < last; ++row) {
        std::copy_n(input.x + row * shape_.input, shape_.input, input_ + row * shape_.cell_input());
      }
    });
  }

  AttentiveTrace run() {
    if (cell_.shares_rows()) {
      parallel_batch(steps_, [&](const RowRange& rows) {
        for (std::size_t t = 0; t < steps_.length() && rows.first < steps_.rows(t); ++t) {
          const RowRange of_step = rows_of_step(steps_, t, rows);
          if (shape_.before_cell()) look_before(t, of_step);
          cell_.step(t, rows);
          if (!shape_.before_cell()) look_after(t, of_step);
        }
      });
    } else {
      for (std::size_t t = 0; t < steps_.length(); ++t) {
        if (shape_.before_cell()) parallel_rows(steps_, t, [&](const RowRange& rows) { look_before(t, rows); });
        cell_.step(t);
        if (!shape_.before_cell()) parallel_rows(steps_, t, [&](const RowRange& rows) { look_after(t, rows); });
      }
    }
    if (shape_.before_cell()) {
      parallel_slices(steps_.total(), kRowSlice, [&](std::size_t first, std::size_t last) {
        for (std::size_t row = first; row < last; ++row) {
          float* to = trace_.output + row * shape_.output();
          std::copy_n(states_after(row), shape_.state, to);
          std::copy_n(fed(row), shape_.memory, to + shape_.state);
        }
      });
    }
    return trace_;
  }

 private:
  // What the cell reads beside x in a row of all steps.
  float* fed(std::size_t row) const { return input_ + row * shape_.cell_input() + shape_.input; }
  const float* states_after(std::size_t row) const {
    return trace_.cell.values[0] + (steps_.batch() + row) * shape_.state;
  }
  // Of the rows of step t that begin with row `row` of all steps.
  const float* states_before(std::size_t t, std::size_t row) const {
    const std::size_t first = t == 0 ? 0 : steps_.batch() + steps_.offset(t - 1);
    return trace_.cell.values[0] + (first + row - steps_.offset(t)) * shape_.state;
  }

  // Rows of all steps that belong to step t, for all functions below.
  void look_before(std::size_t t, const RowRange& rows) const {
    float* queries = trace_.query + rows.first * shape_.key;
    multiply_block({states_before(t, rows.first), rows.last - rows.first, shape_.state, shape_.state}, layer_.query, 0,
                   layer_.query.panels(), {ProductStart::From::zero}, queries, shape_.key);
    for (std::size_t row = rows.first; row < rows.last; ++row) {
      if (trace_.covered != nullptr) cover(t, row);
      look(t, row, trace_.query + row * shape_.key, fed(row));
    }
  }

  // What a row had looked at before step t.
  void cover(std::size_t t, std::size_t row) const {
    const std::size_t r = row - steps_.offset(t), count = trace_.begin[row + 1] - trace_.begin[row];
    float* to = trace_.covered + trace_.begin[row];
    if (t > 0) {
      const std::size_t before = trace_.begin[steps_.offset(t - 1) + r];
      for (std::size_t j = 0; j < count; ++j) to[j] = trace_.covered[before + j] + trace_.alignments[before + j];
    } else if (covered_.empty()) {
      std::fill_n(to, count, 0.0F);
    } else {
      std::copy_n(covered_[r], count, to);
    }
  }

  void look_after(std::size_t t, const RowRange& rows) const {
    const std::size_t width = shape_.memory + shape_.state;
    for (std::size_t row = rows.first; row < rows.last; ++row) {
      float* combined = trace_.combined + row * width;
      look(t, row, states_after(row), combined);
      std::copy_n(states_after(row), shape_.state, combined + shape_.memory);
    }
    float* output = trace_.output + rows.first * shape_.state;
    multiply_block({trace_.combined + rows.first * width, rows.last - rows.first, width, width}, layer_.combine, 0,
                   layer_.combine.panels(), {ProductStart::From::bias, layer_.tensors.bias}, output, shape_.state);
    apply_tanh((rows.last - rows.first) * shape_.state, output);
    for (std::size_t row = rows.first; row < rows.last; ++row) {
      const std::size_t r = row - steps_.offset(t);
      if (t + 1 == steps_.length() || r >= steps_.rows(t + 1)) break;
      std::copy_n(trace_.output + row * shape_.state, shape_.state, fed(steps_.offset(t + 1) + r));
    }
  }

  // One query: its weights, and its context.
  void look(std::size_t t, std::size_t row, const float* query, float* context) const {
    const std::size_t source = source_of_[row - steps_.offset(t)];
    const ConstMatrix keys = memory_.part(memory_.keys, source);
    const std::span<float> weights(trace_.alignments + trace_.begin[row], keys.rows);
    if (shape_.kind == Attention::additive) {
      additive_scores(query, keys, layer_.tensors.v, weights.data(), trace_.coverage(row, layer_.tensors.coverage));
    } else {
      dot_scores(query, keys, weights.data());
    }
    softmax(weights);
    std::fill_n(context, shape_.memory, 0.0F);
    add_weighted_rows(weights.data(), memory_.part(memory_.values, source), context);
  }

  const PackedAttentive& layer_;
  const AttentiveShape& shape_;
  const Steps& steps_;
  const SourceMemory& memory_;
  std::span<const std::size_t> source_of_;
  std::span<const float* const> covered_;  // before the first step
  float* input_;
  StepwiseForward cell_;
  AttentiveTrace trace_;
};

}  // namespace

PackedAttentive pack_attention(const AttentiveShape& shape, const PackedLayer& cell,
                               const AttentionTensors<const float>& tensors, Arena& arena) {
  PackedAttentive packed{shape, &cell, tensors};
  const auto pack_weight = [&](const float* weight, std::size_t rows, std::size_t columns) {
    return pack_transposed({weight, rows, columns, columns}, arena);
  };
  if (shape.projects_keys()) packed.key = pack_weight(tensors.key, shape.key, shape.memory);
  if (shape.before_cell()) {
    packed.query = pack_weight(tensors.query, shape.key, shape.state);
  } else {
    packed.combine = pack_weight(tensors.combine, shape.state, shape.memory + shape.state);
  }
  return packed;
}

SourceMemory gather_memory(const PackedAttentive& layer, const float* memory, const Steps& memory_steps, Arena& arena) {
  const std::size_t width = layer.shape.memory, sources = memory_steps.batch();
  SourceMemory result;
  const std::span<std::size_t> begin = arena.take<std::size_t>(sources + 1);
  begin[0] = 0;
  for (std::size_t s = 0; s < sources; ++s) begin[s + 1] = begin[s] + memory_steps.length_of(s);
  result.begin = begin;
  float* values = arena.take<float>(memory_steps.total(), width).data();
  parallel_for(sources, [&](std::size_t s) {
    for (std::size_t i = begin[s]; i < begin[s + 1]; ++i) {
      std::copy_n(memory + (memory_steps.offset(i - begin[s]) + s) * width, width, values + i * width);
    }
  });
  result.keys = result.values = {values, memory_steps.total(), width, width};
  if (layer.shape.projects_keys()) {
    const std::size_t key = layer.shape.key;
    const Matrix keys{arena.take<float>(memory_steps.total(), key).data(), memory_steps.total(), key, key};
    multiply(result.values, layer.key, {ProductStart::From::zero}, keys);
    result.keys = keys;
  }
  return result;
}

AttentiveTrace attentive_forward(const PackedAttentive& layer, const Steps& steps, const SourceMemory& memory,
                                 const AttentiveInput& input, Arena& arena) {
  return Forward(layer, steps, memory, input, arena).run();
}

}  // namespace recur
