#include <algorithm>

#include "base/threads.h"
#include "kernels/attention.h"
#include "kernels/elementwise.h"
#include "kernels/recurrent_rows.h"
#include "kernels/recurrent_steps.h"
#include "nn/attentive_steps.h"

namespace recur {
namespace {

class Backward {
 public:
  Backward(const PackedAttentive& layer, const AttentiveTrace& trace, const AttentiveGradients& gradients,
           Arena& scratch)
      : shape_(layer.shape),
        tensors_(layer.tensors),
        steps_(*trace.steps),
        trace_(trace),
        gradients_(gradients),
        scratch_(scratch),
        d_input_(take(shape_.cell_input())),
        d_state_(take(shape_.state)),
        d_scores_(scratch.take<float>(trace.begin.back()).data()),
        cell_(layer.cell->shape, layer.cell->tensors, trace_.cell, cell_gradients(), scratch) {
    if (trace.covered != nullptr) d_covered_ = scratch.take<float>(trace.begin.back()).data();
    if (shape_.before_cell()) {
      d_query_ = take(shape_.key);
      query_ = pack({tensors_.query, shape_.key, shape_.state, shape_.state}, scratch);
    } else {
      d_output_ = take(shape_.state);
      d_combined_ = take(shape_.memory + shape_.state);
      const std::size_t width = shape_.memory + shape_.state;
      combine_ = pack({tensors_.combine, shape_.state, width, width}, scratch);
    }
    parallel_slices(steps_.total(), kRowSlice, [&](std::size_t first, std::size_t last) {
      std::fill(d_input_ + first * shape_.cell_input(), d_input_ + last * shape_.cell_input(), 0.0F);
      for (std::size_t row = first; row < last && shape_.before_cell(); ++row) {
        std::copy_n(gradients_.output + row * shape_.output(), shape_.state, d_state_ + row * shape_.state);
      }
    });
  }

  void run() {
    if (cell_.shares_rows()) {
      parallel_batch(steps_, [&](const RowRange& rows) {
        for (std::size_t t = steps_.length(); t-- > 0;) {
          if (rows.first >= steps_.rows(t)) continue;
          const RowRange of_step = rows_of_step(steps_, t, rows);
          if (!shape_.before_cell()) leave_look_after(t, of_step);
          cell_.step(t, rows);
          if (shape_.before_cell()) leave_look_before(t, of_step);
        }
      });
    } else {
      for (std::size_t t = steps_.length(); t-- > 0;) {
        if (!shape_.before_cell()) parallel_rows(steps_, t, [&](const RowRange& rows) { leave_look_after(t, rows); });
        cell_.step(t);
        if (shape_.before_cell()) parallel_rows(steps_, t, [&](const RowRange& rows) { leave_look_before(t, rows); });
      }
    }
    cell_.finish();
    add_query_weights();
    add_memory();
    parallel_slices(steps_.total(), kRowSlice, [&](std::size_t first, std::size_t last) {
      for (std::size_t row = first; row < last; ++row) {
        accumulate_elements(shape_.input, d_input_ + row * shape_.cell_input(), gradients_.x + row * shape_.input);
      }
    });
  }

 private:
  float* take(std::size_t columns) const { return scratch_.take<float>(steps_.total(), columns).data(); }
  LayerGradients cell_gradients() const {
    LayerGradients d;
    d.output = d_state_;
    d.tensors = gradients_.cell;
    d.input = d_input_;
    d.initial = gradients_.initial;
    return d;
  }

  // The gradient of what the cell read beside x in a row of all steps.
  float* d_fed(std::size_t row) const { return d_input_ + row * shape_.cell_input() + shape_.input; }
  // Where the gradient of a row's context lies.
  const float* d_context(std::size_t row) const {
    return shape_.before_cell() ? d_fed(row) : d_combined_ + row * (shape_.memory + shape_.state);
  }

  // From the gradient of a row's context that of its scores; returns the source's keys.
  ConstMatrix leave_context(std::size_t t, std::size_t row) const {
    const std::size_t source = trace_.source_of[row - steps_.offset(t)];
    const ConstMatrix values = trace_.memory.part(trace_.memory.values, source);
    float* d = d_scores_ + trace_.begin[row];
    dot_scores(d_context(row), values, d);
    if (gradients_.alignments != nullptr)
      accumulate_elements(values.rows, gradients_.alignments + trace_.begin[row], d);
    if (d_covered_ != nullptr) leave_coverage(t, row, values.rows, d);
    attention_softmax_backward({trace_.alignments + trace_.begin[row], values.rows}, d);
    return trace_.memory.part(trace_.memory.keys, source);
  }

  // From the gradient of what a row had looked at before the next step, and from the penalty, those of what it had
  // looked at before this one and, added, of its weights d.
  void leave_coverage(std::size_t t, std::size_t row, std::size_t count, float* d) const {
    const std::size_t r = row - steps_.offset(t), at = trace_.begin[row];
    float* d_covered = d_covered_ + at;
    std::fill_n(d_covered, count, 0.0F);
    if (t + 1 < steps_.length() && r < steps_.rows(t + 1)) {
      std::copy_n(d_covered_ + trace_.begin[steps_.offset(t + 1) + r], count, d_covered);
      accumulate_elements(count, d_covered, d);
    }
    for (std::size_t j = 0; j < count && gradients_.coverage_penalty > 0; ++j) {
      float& smaller = trace_.alignments[at + j] <= trace_.covered[at + j] ? d[j] : d_covered[j];
      smaller += gradients_.coverage_penalty;
    }
  }

  // Rows of all steps that belong to step t.
  void leave_look_before(std::size_t t, const RowRange& rows) const {
    for (std::size_t row = rows.first; row < rows.last; ++row) {
      accumulate_elements(shape_.memory, gradients_.output + row * shape_.output() + shape_.state, d_fed(row));
      const ConstMatrix keys = leave_context(t, row);
      additive_query_backward(trace_.query + row * shape_.key, keys, tensors_.v, d_scores_ + trace_.begin[row],
                              d_query_ + row * shape_.key, trace_.coverage(row, tensors_.coverage),
                              d_covered_ == nullptr ? nullptr : d_covered_ + trace_.begin[row]);
    }
    // Into the states that the queries were made of: of the step before, or the initial ones.
    if (t == 0 && gradients_.initial.empty()) return;
    float* to = t == 0 ? gradients_.initial[0] : d_state_ + steps_.offset(t - 1) * shape_.state;
    multiply_block({d_query_ + rows.first * shape_.key, rows.last - rows.first, shape_.key, shape_.key}, query_, 0,
                   query_.panels(), {ProductStart::From::result}, to + (rows.first - steps_.offset(t)) * shape_.state,
                   shape_.state);
  }

  void leave_look_after(std::size_t t, const RowRange& rows) const {
    const std::size_t state = shape_.state, width = shape_.memory + state;
    for (std::size_t row = rows.first; row < rows.last; ++row) {
      float* d = d_output_ + row * state;
      std::copy_n(gradients_.output + row * state, state, d);
      const std::size_t r = row - steps_.offset(t);
      if (t + 1 < steps_.length() && r < steps_.rows(t + 1)) {
        accumulate_elements(state, d_fed(steps_.offset(t + 1) + r), d);
      }
      apply_tanh_backward(state, trace_.output + row * state, d);
    }
    multiply_block({d_output_ + rows.first * state, rows.last - rows.first, state, state}, combine_, 0,
                   combine_.panels(), {ProductStart::From::zero}, d_combined_ + rows.first * width, width);
    for (std::size_t row = rows.first; row < rows.last; ++row) {
      const ConstMatrix keys = leave_context(t, row);
      float* d = d_state_ + row * state;
      std::copy_n(d_combined_ + row * width + shape_.memory, state, d);
      add_weighted_rows(d_scores_ + trace_.begin[row], keys, d);
    }
  }

  // W_q, or W_c with its bias: one product over all steps.
  void add_query_weights() const {
    const std::size_t state = shape_.state;
    if (!shape_.before_cell()) {
      const std::size_t width = shape_.memory + state;
      const TransposedProduct product{pack_if_wide({trace_.combined, steps_.total(), width, width}, scratch_),
                                      {gradients_.tensors.combine, state, width, width}};
      accumulate_transposed({d_output_, steps_.total(), state, state}, {&product, 1}, gradients_.tensors.bias);
      return;
    }
    const float* before = trace_.cell.values[0];
    if (!steps_.is_rectangle()) {
      float* gathered = take(state);
      for (std::size_t t = 0; t < steps_.length(); ++t) {
        const float* from = before + (t == 0 ? 0 : steps_.batch() + steps_.offset(t - 1)) * state;
        std::copy_n(from, steps_.rows(t) * state, gathered + steps_.offset(t) * state);
      }
      before = gathered;
    }
    const TransposedProduct product{pack_if_wide({before, steps_.total(), state, state}, scratch_),
                                    {gradients_.tensors.query, shape_.key, state, state}};
    accumulate_transposed({d_query_, steps_.total(), shape_.key, shape_.key}, {&product, 1}, nullptr);
  }

  // Gradients of the memory, the keys and what they are made with: a source's are all one thread's.
  void add_memory() const {
    const SourceMemory& memory = trace_.memory;
    const std::size_t sources = memory.begin.size() - 1, positions = memory.values.rows;
    const Matrix d_values{gradients_.memory, positions, shape_.memory, shape_.memory};
    Matrix d_keys = d_values;          // of dot: the same numbers
    std::span<float> d_v, d_coverage;  // of each source
    if (shape_.projects_keys()) {
      const std::span<float> zeros = scratch_.take<float>(positions, shape_.key);
      std::fill(zeros.begin(), zeros.end(), 0.0F);
      d_keys = {zeros.data(), positions, shape_.key, shape_.key};
    }
    if (shape_.before_cell()) {
      d_v = scratch_.take<float>(sources, shape_.key);
      std::fill(d_v.begin(), d_v.end(), 0.0F);
    }
    if (d_covered_ != nullptr) {
      d_coverage = scratch_.take<float>(sources, shape_.key);
      std::fill(d_coverage.begin(), d_coverage.end(), 0.0F);
    }
    const LooksOfSources looks = list_looks();
    parallel_for(sources, [&](std::size_t source) {
      const auto part = [&](const Matrix& all) {
        return Matrix{all.data + memory.begin[source] * all.stride, memory.length(source), all.columns, all.stride};
      };
      add_looks(looks.of(looks.contexts, source), part(d_values));
      const ConstMatrix keys = memory.part(memory.keys, source);
      float* of_v = d_v.data() + source * shape_.key;
      if (d_covered_ != nullptr) {
        additive_keys_backward(looks.of(looks.queries, source), keys, tensors_.v, tensors_.coverage, part(d_keys), of_v,
                               d_coverage.data() + source * shape_.key);
      } else if (shape_.before_cell()) {
        additive_keys_backward(looks.of(looks.queries, source), keys, tensors_.v, part(d_keys), of_v);
      } else {
        add_looks(looks.of(looks.queries, source), part(d_keys));
      }
    });
    if (shape_.before_cell()) {
      accumulate_column_sums({d_v.data(), sources, shape_.key, shape_.key}, gradients_.tensors.v);
    }
    if (d_covered_ != nullptr) {
      accumulate_column_sums({d_coverage.data(), sources, shape_.key, shape_.key}, gradients_.tensors.coverage);
    }
    if (!shape_.projects_keys()) return;
    const TransposedProduct product{pack_if_wide(memory.values, scratch_),
                                    {gradients_.tensors.key, shape_.key, shape_.memory, shape_.memory}};
    accumulate_transposed(d_keys, {&product, 1}, nullptr);
    multiply(d_keys, pack({tensors_.key, shape_.key, shape_.memory, shape_.memory}, scratch_),
             {ProductStart::From::result}, d_values);
  }

  // All looks at each source: with the gradients of their contexts and their weights, and with their queries and the
  // gradients of their scores.
  struct LooksOfSources {
    std::span<const std::size_t> begin;  // of each source, and the end of the last
    std::span<const Look> contexts, queries;

    std::span<const Look> of(std::span<const Look> all, std::size_t source) const {
      return all.subspan(begin[source], begin[source + 1] - begin[source]);
    }
  };
  LooksOfSources list_looks() const {
    const std::size_t sources = trace_.memory.begin.size() - 1;
    const std::span<std::size_t> begin = scratch_.take<std::size_t>(sources + 1);
    const std::span<std::size_t> next = scratch_.take<std::size_t>(sources);
    const std::span<Look> contexts = scratch_.take<Look>(steps_.total());
    const std::span<Look> queries = scratch_.take<Look>(steps_.total());
    std::fill(begin.begin(), begin.end(), std::size_t{0});
    for (std::size_t r = 0; r < steps_.batch(); ++r) begin[trace_.source_of[r] + 1] += steps_.length_of(r);
    for (std::size_t s = 0; s < sources; ++s) begin[s + 1] += begin[s];
    std::copy_n(begin.begin(), sources, next.begin());
    for (std::size_t t = 0, row = 0; t < steps_.length(); ++t) {
      for (std::size_t r = 0; r < steps_.rows(t); ++r, ++row) {
        const std::size_t place = next[trace_.source_of[r]]++;
        const float* query = shape_.before_cell() ? trace_.query + row * shape_.key
                                                  : trace_.cell.values[0] + (steps_.batch() + row) * shape_.state;
        contexts[place] = {d_context(row), trace_.alignments + trace_.begin[row]};
        queries[place] = {query, d_scores_ + trace_.begin[row], trace_.coverage(row, nullptr).amounts};
      }
    }
    return {begin, contexts, queries};
  }

  const AttentiveShape& shape_;
  const AttentionTensors<const float>& tensors_;
  const Steps& steps_;
  const AttentiveTrace& trace_;
  const AttentiveGradients& gradients_;
  Arena& scratch_;
  float* d_input_;   // [total, cell_input()]
  float* d_state_;   // of the cell's output, [total, state]
  float* d_scores_;  // as the alignments
  StepwiseBackward cell_;
  float* d_covered_ = nullptr;   // as the alignments
  float* d_query_ = nullptr;     // [total, key]
  float* d_output_ = nullptr;    // before tanh, [total, state]
  float* d_combined_ = nullptr;  // [total, memory + state]
  PackedMatrix query_{}, combine_{};
};

}  // namespace

void scatter_memory(const SourceMemory& memory, const float* d_values, const Steps& memory_steps, float* to) {
  const std::size_t width = memory.values.columns;
  parallel_for(memory_steps.batch(), [&](std::size_t s) {
    for (std::size_t i = memory.begin[s]; i < memory.begin[s + 1]; ++i) {
      accumulate_elements(width, d_values + i * width, to + (memory_steps.offset(i - memory.begin[s]) + s) * width);
    }
  });
}

void attentive_backward(const PackedAttentive& layer, const AttentiveTrace& trace, const AttentiveGradients& gradients,
                        Arena& scratch) {
  Backward(layer, trace, gradients, scratch).run();
}

}  // namespace recur
