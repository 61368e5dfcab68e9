// Searches with a small transducer against what its loss says of all texts.
#include "nn/transducer_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "support/gradient_check.h"
#include "support/whims.h"

namespace recur::transducer_search_test {
namespace {

constexpr std::size_t kWidth = 3;

// Random parameters, and what some layers have said of a sequence.
struct Case {
  Case(std::size_t steps, std::size_t tokens, std::uint64_t seed, std::size_t embedding = 2, float range = 1.5F)
      : transducer({"text", {.cell = "gru", .layers = 1, .hidden = 4}, embedding, 5}, kWidth, tokens, parameters),
        x(random_floats(steps * kWidth, 2, seed)),
        count(steps) {
    parameters.allocate();
    parameters.initialise(seed, range);
  }

  // Log p of a text, by all its paths.
  double log_p(const Tokens& text) {
    Tape tape(false);
    const Steps steps = Steps::rectangle(1, count);
    const std::vector<std::span<const int>> targets = {text};
    return -transducer.loss({tape, parameters, Noise::silent()}, tape.add(x.data(), count, kWidth), steps, targets, 1);
  }
  // [steps, joint]
  std::vector<float> encoded() {
    Tape tape(false);
    const Matrix said =
        tape.value(transducer.encode({tape, parameters, Noise::silent()}, tape.add(x.data(), count, kWidth)));
    return {said.data, said.data + said.rows * said.columns};
  }
  float* parameter(std::string_view name) {
    for (const Parameters::Declaration& d : parameters.declarations()) {
      if (d.name == name) return parameters.values().data() + d.offset;
    }
    return nullptr;
  }

  Parameters parameters;
  Transducer transducer;
  std::vector<float> x;
  std::size_t count;
};

// What searches of a case need, once its parameters are what they are to be.
struct Searched {
  explicit Searched(Case& c, std::size_t most_a_step = kMostTokensAStep)
      : encoded(c.encoded()),
        stepper(c.transducer, c.parameters),
        search{stepper, {encoded.data(), c.count, c.transducer.joint(), c.transducer.joint()}, {}, most_a_step} {}

  std::vector<float> encoded;
  TransducerStepper stepper;
  TransducerSearch search;
};

// All texts of at most so many tokens.
std::vector<Tokens> texts(std::size_t most, int tokens) {
  std::vector<Tokens> all = {{}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() == most) continue;
    for (int k = 0; k < tokens; ++k) {
      all.push_back(all[i]);
      all.back().push_back(k);
    }
  }
  return all;
}

TEST(TransducerSearch, AWideBeamFindsWhatAllPathsSay) {
  // Texts of no more tokens than a step may have lack no path.
  constexpr std::size_t kMost = 3;
  for (const bool whims : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      Case c(3, 2, seed, seed == 4 ? 0 : 2);
      const Searched s(c, kMost);
      Whims scorer;
      std::map<Tokens, double> found;
      double before = 1e9;
      for (const ScoredText& text : transducer_beam(s.search, 10'000, 10'000, whims ? &scorer : nullptr)) {
        EXPECT_LE(text.score, before);
        before = text.score;
        EXPECT_TRUE(found.emplace(text.tokens, text.score).second);
      }
      for (const Tokens& text : texts(kMost, 2)) {
        const std::optional<double> more = whims ? Whims::whole(text) : 0;
        ASSERT_EQ(found.contains(text), more.has_value());
        if (more) {
          EXPECT_NEAR(found[text], c.log_p(text) + *more, 1e-5);
        }
      }
    }
  }
}

// What a token adds to a text goes by the length that it had, again and again in that order.
class ByLength : public TextScorer {
 public:
  explicit ByLength(std::vector<double> added) : added_(std::move(added)) {}

  std::size_t begin() override {
    lengths_ = {0};
    return 0;
  }
  std::optional<double> score(std::size_t text, int /*token*/) override {
    return added_[lengths_[text] % added_.size()];
  }
  std::size_t append(std::size_t text, int /*token*/) override {
    lengths_.push_back(lengths_[text] + 1);
    return lengths_.size() - 1;
  }
  std::optional<double> end(std::size_t /*text*/) override { return 0; }

  std::size_t length(std::size_t text) const { return lengths_[text]; }
  std::size_t texts() const { return lengths_.size(); }

 private:
  std::vector<double> added_;
  std::vector<std::size_t> lengths_;
};

// Texts of whole words of three tokens are welcome, others are not, as to a language model of words.
class Words : public ByLength {
 public:
  Words() : ByLength({-3, 0, 3}) {}
  std::optional<double> end(std::size_t text) override { return length(text) % 3 == 0 ? 0 : 3; }
};

// It misses paths, and adds none, whatever a scorer would have.
TEST(TransducerSearch, ANarrowBeamSaysNoMoreThanThePathsDo) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Case c(12, 2, seed, 2, 0.7F);
    const Searched s(c);
    for (const std::size_t beam : {1U, 4U, 8U}) {
      Words words;
      for (TextScorer* scorer : {static_cast<TextScorer*>(nullptr), static_cast<TextScorer*>(&words)}) {
        const std::vector<ScoredText> found = transducer_beam(s.search, beam, beam, scorer);
        EXPECT_EQ(found.size(), beam);
        for (const ScoredText& text : found) EXPECT_LE(text.score, c.log_p(text.tokens) + 1e-5);
      }
    }
  }
}

// One token, whose probability is .1, .9, .9 and .1 at the steps. The scorer makes the beam leave texts that stand
// between others, so that their states are forgotten, and welcome longer ones again.
TEST(TransducerSearch, ATextThatComesBackIsReadAgain) {
  Case c(4, 1, 1);
  const std::size_t joint = c.transducer.joint();
  std::fill_n(c.parameter("joint.prediction.weight"), joint * 4, 0.0F);
  std::fill_n(c.parameter("joint.output.weight"), 2 * joint, 0.0F);
  std::fill_n(c.parameter("joint.output.bias"), 2, 0.0F);
  c.parameter("joint.output.weight")[0] = -3;
  Searched s(c, 3);
  for (std::size_t t = 0; t < 4; ++t) s.encoded[t * joint] = t == 0 || t == 3 ? 0.934F : -0.934F;
  ByLength scorer({1, -1, -3, 3, 1, 0, -3, 1, 3, 0, 1, -1});
  std::vector<std::size_t> lengths;
  for (const ScoredText& text : transducer_beam(s.search, 4, 4, &scorer)) lengths.push_back(text.tokens.size());
  EXPECT_EQ(lengths, (std::vector<std::size_t>{1, 6, 2, 5}));
}

// Every text is better than those that it continues: the beam would look at all, 30 from each.
TEST(TransducerSearch, LooksAtFewTextsWhereLongerOnesAreBetter) {
  Case c(3, 2, 1);
  std::fill_n(c.parameter("joint.output.weight"), 3 * c.transducer.joint(), 0.0F);
  std::ranges::copy(std::vector<float>{0, 0, -9}, c.parameter("joint.output.bias"));
  const Searched s(c, 4);
  ByLength scorer({2});
  EXPECT_EQ(transducer_beam(s.search, 2, 2, &scorer).size(), 2U);
  EXPECT_LE(scorer.texts(), 1 + 3 * 2 * (4 + 1));
}

TEST(TransducerSearch, GreedyTakesTheMostProbableOutputAgainAndAgain) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Case c(6, 3, seed);
    const Searched s(c, 2);
    // The same path by hand.
    double log_p = 0;
    Tokens written;
    TransducerStepper::Text text = s.stepper.empty();
    std::vector<float> outputs(c.transducer.outputs());
    for (std::size_t t = 0; t < c.count; ++t) {
      for (std::size_t n = 0;; ++n) {
        s.stepper.log_probabilities(s.encoded.data() + t * c.transducer.joint(), text, outputs);
        const auto best = n == 2 ? outputs.end() - 1 : std::ranges::max_element(outputs);
        log_p += static_cast<double>(*best);
        if (best == outputs.end() - 1) break;
        written.push_back(static_cast<int>(best - outputs.begin()));
        text = s.stepper.append(text, written.back());
      }
    }
    const ScoredText found = transducer_greedy(s.search);
    EXPECT_EQ(found.tokens, written);
    EXPECT_NEAR(found.score, log_p, 1e-9);
    // One path of the text's.
    EXPECT_LE(found.score, c.log_p(written) + 1e-5);
  }
}

TEST(TransducerSearch, ATextThatNeverEndsIsCutAtEachStep) {
  Case c(3, 2, 1);
  std::fill_n(c.parameter("joint.output.weight"), 3 * c.transducer.joint(), 0.0F);
  float* bias = c.parameter("joint.output.bias");
  bias[0] = 1;
  bias[1] = 9;
  bias[2] = 0;
  Searched s(c, 4);
  EXPECT_EQ(transducer_greedy(s.search).tokens, Tokens(12, 1));
  const std::vector<ScoredText> found = transducer_beam(s.search, 2, 2, nullptr);
  ASSERT_EQ(found.size(), 2U);
  for (const ScoredText& text : found) EXPECT_LE(text.tokens.size(), 12U);
  // What is never written is not, however probable.
  const std::vector<int> never = {1};
  s.search.never = never;
  EXPECT_EQ(transducer_greedy(s.search).tokens, Tokens(12, 0));
  for (const ScoredText& text : transducer_beam(s.search, 3, 3, nullptr)) {
    EXPECT_EQ(std::ranges::count(text.tokens, 1), 0);
  }
}

TEST(TransducerSearch, PlacesAreWithinTheStepsWhereNothingIsANumber) {
  Case c(3, 2, 1);
  Searched s(c);
  std::ranges::fill(s.encoded, std::numeric_limits<float>::quiet_NaN());
  for (const TokenPlace& place : transducer_places(s.search, std::vector<int>{0, 1})) EXPECT_LT(place.last, c.count);
}

TEST(TransducerSearch, PlacesAreThoseOfTheMostProbablePath) {
  for (const Tokens& tokens : {Tokens{}, Tokens{1}, Tokens{0, 1}, Tokens{1, 1, 0, 1, 0}}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      Case c(4, 2, seed);
      const Searched s(c);
      // log_p[t][u]
      std::vector<TransducerStepper::Text> read = {s.stepper.empty()};
      for (const int token : tokens) read.push_back(s.stepper.append(read.back(), token));
      std::vector<std::size_t> at(tokens.size(), 0), best;
      double most = -1e9;
      const auto value = [&](std::size_t t, std::size_t u, std::size_t output) {
        std::vector<float> outputs(c.transducer.outputs());
        s.stepper.log_probabilities(s.encoded.data() + t * c.transducer.joint(), read[u], outputs);
        return static_cast<double>(outputs[output]);
      };
      const auto path = [&] {
        double sum = 0;
        for (std::size_t t = 0, u = 0; t < c.count; ++t) {
          for (; u < tokens.size() && at[u] == t; ++u) sum += value(t, u, static_cast<std::size_t>(tokens[u]));
          sum += value(t, u, 2);
        }
        return sum;
      };
      // All ways in which steps do not go back.
      for (bool more = true; more;) {
        if (std::ranges::is_sorted(at)) {
          const double sum = path();
          if (sum > most) best = at;
          most = std::max(most, sum);
        }
        std::size_t i = 0;
        for (; i < at.size() && ++at[i] == c.count; ++i) at[i] = 0;
        more = i < at.size();
      }
      const std::vector<TokenPlace> places = transducer_places(s.search, tokens);
      ASSERT_EQ(places.size(), tokens.size());
      for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_EQ(places[i].first, best[i]) << "seed " << seed << ", token " << i;
        EXPECT_EQ(places[i].last, best[i]);
      }
    }
  }
}

}  // namespace
}  // namespace recur::transducer_search_test
