#include "recur/inspect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "recur/types/error.h"
#include "support/cells.h"
#include "support/streams.h"

namespace recur::inspect_test {
namespace {

constexpr std::size_t kVocabulary = 9;

// A text of so many tokens, which ends with a line.
std::string text_of(const Model& model, std::size_t tokens) {
  std::string text;
  for (std::size_t i = 0; i + 1 < tokens; ++i) text += model.decode(static_cast<int>((i * i + i / 5) % kVocabulary));
  return text + "\n";
}

class Inspect : public EveryCell {
 protected:
  LanguageModelOptions plain(std::size_t layers) const {
    return {{.cell = GetParam(), .layers = layers, .hidden = 6}, GetParam() == "ngram" ? std::size_t{6} : 0};
  }
  LanguageModelOptions with_everything(std::size_t layers) const {
    LanguageModelOptions o{{.cell = GetParam(), .layers = layers, .hidden = 6, .window = 2}, 4};
    o.projection = cell().has_output_width() ? 5 : 0;
    if (layers > 1) o.connection = Connection::highway;
    o.layer_norm = true;
    o.learned_state = true;
    o.zoneout = 0.125F;
    o.zoneout_cell = cell().states > 1 ? 0.25F : 0;
    o.dropout = 0.5F;
    return o;
  }
  const TempFolder folder;
};
INSTANTIATE_TEST_SUITE_P(Cells, Inspect, every_cell(), cell_test_name);

// A step of a stream; then one unit of a state of the last layer may be changed.
class Reading {
 public:
  Reading(const Model& model, const std::vector<int>& tokens)
      : stream_(model.stream()),
        logits_(model.vocabulary()),
        tokens_(tokens),
        layer_(model.options().as<LanguageModelOptions>()->layers - 1) {}

  // The loss of the last token when `by` is added to a unit after step `t`.
  double loss(std::size_t t, std::size_t slot, std::size_t unit, float by) {
    stream_.reset();
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      stream_.step(tokens_[i], logits_);
      if (i == t) stream_.state(layer_, slot)[unit] += by;
    }
    double sum = 0;
    for (const float logit : logits_) sum += std::exp(double{logit});
    return std::log(sum) - double{logits_[static_cast<std::size_t>(tokens_.back())]};
  }

  // The norm of the gradient of that loss in a state after step t, by differences.
  double gradient(std::size_t t, std::size_t slot) {
    constexpr float kStep = 4e-3F;
    double squares = 0;
    for (std::size_t unit = 0; unit < stream_.state(layer_, slot).size(); ++unit) {
      const double d = (loss(t, slot, unit, kStep) - loss(t, slot, unit, -kStep)) / (2 * double{kStep});
      squares += d * d;
    }
    return std::sqrt(squares);
  }

 private:
  Stream stream_;
  std::vector<float> logits_;
  const std::vector<int>& tokens_;
  std::size_t layer_;
};

// A text with room for one window, whose loss is that of the text's last token. A change of a state of the last layer
// reaches the loss through later steps alone, as long as the state is not the one that is read out.
TEST_P(Inspect, GradientsAgreeWithDifferences) {
  constexpr std::size_t kSteps = 6;
  for (const LanguageModelOptions& options : {plain(1), with_everything(1), plain(2)}) {
    const Model model = Model::untrained(options, kVocabulary);
    const std::string text = text_of(model, 2 * kSteps + 1);
    const GradientReach reach = measure_gradients(model, folder.write("text.txt", text), kSteps);
    EXPECT_EQ(reach.streams, 1);
    EXPECT_EQ(reach.windows, 1);
    const std::vector<int> tokens = model.encode(text);
    ASSERT_EQ(tokens.size(), 2 * kSteps + 1);
    Reading reading(model, tokens);
    EXPECT_NEAR(reach.nats_per_token, reading.loss(0, 0, 0, 0), 1e-5);
    ASSERT_EQ(reach.states.size(), options.layers * cell().states);
    for (std::size_t slot = 0; slot < cell().states; ++slot) {
      const StateGradient& state = reach.states[(options.layers - 1) * cell().states + slot];
      EXPECT_EQ(state.layer, options.layers - 1);
      EXPECT_EQ(state.state, cell().slots[slot]);
      ASSERT_EQ(state.norms.size(), kSteps);
      const double largest = *std::ranges::max_element(state.norms);
      EXPECT_TRUE(slot == 0 || state.norms[0] == 0);
      for (std::size_t k = 1; k < kSteps; ++k) {
        EXPECT_NEAR(state.norms[k], reading.gradient(2 * kSteps - 1 - k, slot), 1e-2 * largest + 1e-4)
            << state.state << " at distance " << k;
      }
    }
  }
}

TEST_P(Inspect, TracesAreTheStatesOfAStreamAndOpenings) {
  for (const LanguageModelOptions& options : {plain(2), with_everything(2)}) {
    const Model model = Model::untrained(options, kVocabulary);
    const std::string text = text_of(model, 230);  // more than one window of the implementation's
    const UnitTrace trace = trace_units(model, folder.write("text.txt", text));
    EXPECT_EQ(trace.tokens, model.encode(text));
    const auto at = [&](std::size_t t, std::size_t channel) { return trace.values[t * trace.channels + channel]; };
    std::size_t states = 0, next = 0;
    Stream stream = model.stream();
    for (std::size_t t = 0; t < trace.tokens.size(); ++t) {
      step(stream, trace.tokens[t]);
      for (const UnitGroup& group : trace.groups) {
        if (group.kind != UnitKind::state) continue;
        const auto slot = static_cast<std::size_t>(std::ranges::find(cell().slots, group.name) - cell().slots.begin());
        const std::span<const float> state = stream.state(group.layer, slot);
        ASSERT_EQ(state.size(), group.count);
        for (std::size_t u = 0; u < group.count; ++u) ASSERT_EQ(at(t, group.first + u), state[u]) << group.name;
      }
    }
    for (const UnitGroup& group : trace.groups) {
      EXPECT_EQ(group.first, next);
      next += group.count;
      states += group.kind == UnitKind::state ? 1 : 0;
      for (std::size_t t = 0; t < trace.tokens.size() && group.kind == UnitKind::gate; ++t) {
        for (std::size_t u = 0; u < group.count; ++u) {
          ASSERT_GT(at(t, group.first + u), 0) << group.name;
          ASSERT_LT(at(t, group.first + u), 1) << group.name;
        }
      }
    }
    EXPECT_EQ(next, trace.channels);
    EXPECT_EQ(states, 2 * cell().states);
  }
}

std::string names_of(const std::string& cell, float zoneout = 0) {
  LanguageModelOptions options{{.cell = cell, .layers = 1, .hidden = 3}};
  options.zoneout = zoneout;
  std::string names;
  for (const UnitGroup& group : unit_groups(Model::untrained(options, 4))) {
    names += (names.empty() ? "" : " ") + group.name;
    if (group.kind == UnitKind::gate) names += "*";
  }
  return names;
}

TEST(UnitGroups, AreWhatTheEquationsHaveOnce) {
  EXPECT_EQ(names_of("lstm"), "h c input* forget* candidate output*");
  EXPECT_EQ(names_of("gru"), "h reset* update* candidate of x");
  EXPECT_EQ(names_of("elman"), "h");  // what the hidden sums become is the state
  EXPECT_EQ(names_of("elman", 0.5F), "h hidden");
  EXPECT_EQ(names_of("jordan"), "y hidden");
  EXPECT_EQ(names_of("slstm"), "h c n m input forget* candidate output*");
  EXPECT_EQ(names_of("sru"), "h c forget* reset*");
}

TEST(StateGradient, IsBelowAShareBehindItsLargest) {
  const StateGradient gradient{0, "h", {0, 4, 8, 5, 0.7, 2, 0.5}};
  EXPECT_EQ(gradient.steps_below(0.1), 4);
  EXPECT_EQ(gradient.steps_below(1), 3);
  EXPECT_EQ(gradient.steps_below(0.01), std::nullopt);
}

TEST(MeasureGradients, ReadsLongTextsInStreams) {
  const Model model = Model::untrained({{.layers = 1, .hidden = 3}}, kVocabulary);
  const TempFolder folder;
  const auto measure = [&](std::size_t tokens) {
    return measure_gradients(model, folder.write("text.txt", text_of(model, tokens)), 4);
  };
  EXPECT_EQ(measure(9).windows, 1);
  EXPECT_EQ(measure(17).streams, 1);  // of 17 tokens, which are 16 predictions: 4 windows
  EXPECT_EQ(measure(17).windows, 3);
  EXPECT_EQ(measure(18).streams, 2);
  EXPECT_EQ(measure(9 * 32).windows, 32);
  EXPECT_EQ(measure(200 * 32).windows, 1024);
  EXPECT_THROW(measure(8), Error);
}

// What it measures does not depend on what was measured before.
TEST(MeasureGradients, LeavesTheModelAsItWas) {
  const Model model = Model::untrained({{.layers = 2, .hidden = 3}}, kVocabulary);
  const TempFolder folder;
  const std::string path = folder.write("text.txt", text_of(model, 100));
  const double before = model.evaluate(path).nats;
  const GradientReach first = measure_gradients(model, path, 5), second = measure_gradients(model, path, 5);
  for (std::size_t i = 0; i < first.states.size(); ++i) EXPECT_EQ(first.states[i].norms, second.states[i].norms);
  EXPECT_EQ(model.evaluate(path).nats, before);
}

TEST(TraceUnits, EndsWithTheTextOrBefore) {
  const Model model = Model::untrained({{.layers = 1, .hidden = 3}}, kVocabulary);
  const TempFolder folder;
  const std::string path = folder.write("text.txt", text_of(model, 20));
  EXPECT_EQ(trace_units(model, path).tokens.size(), 20);
  EXPECT_EQ(trace_units(model, path, 7).tokens.size(), 7);
  EXPECT_EQ(trace_units(model, path, 7).values.size(), 7 * 3 * 6);
  EXPECT_THROW(trace_units(model, path, 0), Error);
}

}  // namespace
}  // namespace recur::inspect_test
