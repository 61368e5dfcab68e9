// The same computation said in another way: where the engine promises the same bits, the same bits.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/cells.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::recurrent_metamorphic_test {
namespace {

class RecurrentMetamorphic : public EveryCell {
 protected:
  // Calls visit(shape) for widths that fill panels and that do not, in both directions.
  template <class Visit>
  void for_each_shape(const Visit& visit) const {
    for (const std::size_t hidden : {17, 64}) {
      for (const bool reverse : {false, true}) {
        SCOPED_TRACE(testing::Message() << "hidden " << hidden << (reverse ? ", reverse" : ""));
        visit(LayerShape{&cell(), 20, hidden, false, reverse});
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentMetamorphic, every_cell(), cell_test_name);

const Steps kRagged = Steps::from_lengths(std::vector<std::size_t>{11, 9, 9, 8, 7, 7, 7, 5, 4, 3, 3, 1, 1});

Doubles rows(const Doubles& m, std::size_t width, std::size_t first, std::size_t count) {
  return {m.begin() + static_cast<std::ptrdiff_t>(first * width),
          m.begin() + static_cast<std::ptrdiff_t>((first + count) * width)};
}

void append(Doubles& to, const Doubles& more) { to.insert(to.end(), more.begin(), more.end()); }

// What row `row` of the batch has in a matrix of all steps.
Doubles steps_of_row(const Steps& steps, const Doubles& m, std::size_t width, std::size_t row) {
  Doubles own;
  for (std::size_t t = 0; t < steps.length_of(row); ++t) append(own, rows(m, width, steps.offset(t) + row, 1));
  return own;
}

// Rows of a rectangle with the order of its steps reversed.
Doubles reversed(const Steps& steps, const Doubles& m, std::size_t width) {
  Doubles back;
  for (std::size_t t = steps.length(); t-- > 0;) append(back, rows(m, width, steps.offset(t), steps.batch()));
  return back;
}

TEST_P(RecurrentMetamorphic, AnyNumberOfThreadsGivesTheSameBits) {
  for_each_shape([](LayerShape shape) {
    for (const bool one_hot : {false, true}) {
      shape.one_hot = one_hot;
      for (const Steps& steps : {kRagged, Steps::rectangle(13, 9), Steps::rectangle(1, 60)}) {
        const LayerCase c = random_case(shape, steps);
        Results one;
        for (const std::size_t threads : {1, 2, 3, 5}) {
          SCOPED_TRACE(testing::Message() << threads << " threads");
          const WithThreads set(threads);
          if (threads == 1) one = run_engine(c);
          expect_same_bits(run_engine(c), one);
        }
      }
    }
  });
}

TEST_P(RecurrentMetamorphic, ForwardAloneGivesTheSameBits) {
  for_each_shape([](LayerShape shape) {
    for (const bool layer_norm : {false, true}) {
      shape.layer_norm = layer_norm;
      for (const std::size_t threads : {1, 2}) {
        const WithThreads set(threads);
        // Rows enough for each thread to multiply its own input step by step.
        const LayerCase c = random_case(shape, Steps::from_lengths(std::vector<std::size_t>(30, 5)));
        EngineRun engine(c);
        engine.run();
        const Results all = engine.results();
        for (const auto& [name, values] : engine.run_forward()) expect_same_bits(values, all.at(name), name);
      }
    }
  });
}

TEST_P(RecurrentMetamorphic, ABatchEqualsItsRowsAlone) {
  for_each_shape([this](const LayerShape& shape) {
    const std::size_t hidden = shape.hidden;
    const LayerCase batch = random_case(shape, kRagged);
    const Results together = run_engine(batch);
    for (std::size_t row = 0; row < kRagged.batch(); ++row) {
      LayerCase alone = batch;
      alone.steps = Steps::rectangle(1, kRagged.length_of(row));
      alone.input.dense = steps_of_row(kRagged, batch.input.dense, shape.input, row);
      alone.d_output = steps_of_row(kRagged, batch.d_output, hidden, row);
      for (Doubles& state : alone.initial) state = rows(state, hidden, row, 1);
      for (Doubles& state : alone.d_last) state = rows(state, hidden, row, 1);
      const Results own = run_engine(alone);
      expect_same_bits(own.at("output"), steps_of_row(kRagged, together.at("output"), hidden, row), "output");
      expect_same_bits(own.at("d input"), steps_of_row(kRagged, together.at("d input"), shape.input, row), "d input");
      for (std::size_t s = 0; s < cell().states; ++s) {
        for (const std::string kind : {"last ", "d initial "}) {
          const std::string name = kind + cell().slots[s];
          expect_same_bits(own.at(name), rows(together.at(name), hidden, row, 1), name);
        }
      }
    }
  });
}

TEST_P(RecurrentMetamorphic, AllStepsAtOnceEqualStepByStep) {
  for (const std::size_t hidden : {17, 64}) {
    const LayerShape shape{&cell(), 20, hidden};
    const LayerCase whole = random_case(shape, kRagged);
    const Results at_once = run_engine(whole);
    LayerCase step = whole;
    for (std::size_t t = 0; t < kRagged.length(); ++t) {
      const std::size_t active = kRagged.rows(t);
      step.steps = Steps::rectangle(active, 1);
      step.input.dense = rows(whole.input.dense, shape.input, kRagged.offset(t), active);
      step.d_output.clear();
      step.d_last.clear();
      for (Doubles& state : step.initial) state = rows(state, hidden, 0, active);
      const Results now = run_engine(step);
      expect_same_bits(now.at("output"), rows(at_once.at("output"), hidden, kRagged.offset(t), active), "output");
      const std::size_t going_on = t + 1 < kRagged.length() ? kRagged.rows(t + 1) : 0;
      for (std::size_t s = 0; s < cell().states; ++s) {
        const std::string name = "last " + cell().slots[s];
        step.initial[s] = now.at(name);
        expect_same_bits(rows(now.at(name), hidden, going_on, active - going_on),
                         rows(at_once.at(name), hidden, going_on, active - going_on), name);
      }
    }
  }
}

TEST_P(RecurrentMetamorphic, ReverseOfReversedInputEqualsForward) {
  for (const std::size_t hidden : {17, 64}) {
    const Steps steps = Steps::rectangle(5, 7);
    const LayerCase forward = random_case({&cell(), 20, hidden}, steps);
    LayerCase backward = forward;
    backward.shape.reverse = true;
    backward.input.dense = reversed(steps, forward.input.dense, 20);
    backward.d_output = reversed(steps, forward.d_output, hidden);
    const Results expected = run_engine(forward);
    Results actual = run_engine(backward);
    actual["output"] = reversed(steps, actual.at("output"), hidden);
    actual["d input"] = reversed(steps, actual.at("d input"), 20);
    for (const auto& [name, values] : expected) {
      // Gradients of parameters are sums over steps, here in another order.
      if (name.starts_with("d ") && !name.starts_with("d initial") && !name.starts_with("d input")) {
        expect_close(actual.at(name), values, 1e-6, name);
      } else {
        expect_same_bits(actual.at(name), values, name);
      }
    }
  }
}

TEST_P(RecurrentMetamorphic, EverySimdLevelAgreesUpToRounding) {
  for_each_shape([](const LayerShape& shape) {
    const LayerCase c = random_case_off_kinks(shape, kRagged, 1e-5);
    const Results expected = run_engine(c);
    for (const SimdLevel level : simd_levels()) {
      SCOPED_TRACE(simd_name(level));
      const WithSimdLevel set(level);
      expect_close(run_engine(c), expected, 5e-6);
    }
  });
}

TEST_P(RecurrentMetamorphic, OneHotEqualsTheMatrixThatItStandsFor) {
  for_each_shape([this](LayerShape shape) {
    LayerCase dense = random_case(shape, kRagged);
    shape.one_hot = true;
    LayerCase one_hot = random_case(shape, kRagged);
    one_hot.initial = dense.initial;
    one_hot.d_output = dense.d_output;
    one_hot.d_last = dense.d_last;
    dense.input.dense.assign(kRagged.total() * shape.input, 0);
    for (std::size_t row = 0; row < kRagged.total(); ++row) {
      dense.input.dense[row * shape.input + static_cast<std::size_t>(one_hot.input.indices[row])] = 1;
    }
    // [gates * hidden, input] to [input, gates * hidden]
    const auto transpose = [&](const Doubles& m) {
      const std::size_t height = m.size() / shape.input;
      Doubles transposed(m.size());
      for (std::size_t k = 0; k < m.size(); ++k) transposed[k % shape.input * height + k / shape.input] = m[k];
      return transposed;
    };
    for (std::size_t w = 0; w < cell().weights.size(); ++w) {
      const bool from_input = cell().weights[w].from_input;
      one_hot.tensors.weight[w] = from_input ? transpose(dense.tensors.weight[w]) : dense.tensors.weight[w];
      one_hot.tensors.bias[w] = dense.tensors.bias[w];
    }
    one_hot.tensors.unit = dense.tensors.unit;
    Results expected = run_engine(dense);
    expected.erase("d input");
    for (const auto& weight : cell().weights) {
      if (weight.from_input) expected["d weight " + weight.name] = transpose(expected["d weight " + weight.name]);
    }
    expect_close(run_engine(one_hot), expected, 1e-6);
  });
}

}  // namespace
}  // namespace recur::recurrent_metamorphic_test
