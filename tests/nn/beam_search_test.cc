// Beam search on tables of probabilities, against all outputs that there are.
#include "nn/beam_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "recur/types/error.h"
#include "support/table_decoder.h"

namespace recur::beam_search_test {
namespace {

// All outputs of a source, best first.
std::vector<Hypothesis> all_outputs(std::size_t source, std::size_t most_tokens, double length_penalty) {
  std::vector<Hypothesis> all;
  const std::function<void(const Tokens&, double)> extend = [&](const Tokens& beginning, double so_far) {
    const std::vector<float> scores = random_table(source, beginning);
    for (int token = 0; token < 5; ++token) {
      if (token == kBegin) continue;
      const double log_p = so_far + static_cast<double>(scores[static_cast<std::size_t>(token)]);
      Tokens longer = beginning;
      if (token != kEnd) longer.push_back(token);
      if (token != kEnd && longer.size() < most_tokens) {
        extend(longer, log_p);
      } else {
        const auto length = static_cast<double>(beginning.size() + 1);
        all.push_back({longer, log_p, log_p / std::pow(length, length_penalty), token == kEnd, {}, {}});
      }
    }
  };
  extend({}, 0);
  std::ranges::stable_sort(
      all, [](const Hypothesis& a, const Hypothesis& b) { return a.ended != b.ended ? a.ended : a.score > b.score; });
  return all;
}

std::vector<std::vector<Hypothesis>> search(const std::vector<std::size_t>& most, BeamOptions options) {
  options.begin = kBegin;
  options.end = kEnd;
  TableDecoder decoder(random_table, most.size(), true);
  return beam_search(decoder, most, options);
}

TEST(BeamSearch, OfOneTakesTheMostProbableTokenEachTime) {
  const auto outputs = search({9, 9, 9, 9}, {.beam = 1});
  for (std::size_t source = 0; source < 4; ++source) {
    Tokens greedy;
    double log_p = 0;
    for (bool ended = false; !ended && greedy.size() < 9;) {
      std::vector<float> scores = random_table(source, greedy);
      scores[kBegin] = -100;
      const auto best = std::ranges::max_element(scores);
      log_p += static_cast<double>(*best);
      ended = best - scores.begin() == kEnd;
      if (!ended) greedy.push_back(static_cast<int>(best - scores.begin()));
    }
    ASSERT_EQ(outputs[source].size(), 1U);
    EXPECT_EQ(outputs[source][0].tokens, greedy);
    EXPECT_DOUBLE_EQ(outputs[source][0].log_probability, log_p);
  }
}

TEST(BeamSearch, AWideOneFindsTheBestOfAllOutputsInOrder) {
  for (const double penalty : {0.0, 0.7, 1.0, 3.0}) {
    const std::vector<std::size_t> most = {4, 1, 3};
    const auto outputs = search(most, {200, 4, penalty});
    for (std::size_t source = 0; source < most.size(); ++source) {
      const std::vector<Hypothesis> all = all_outputs(source, most[source], penalty);
      ASSERT_EQ(outputs[source].size(), 4U);
      for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(outputs[source][i].tokens, all[i].tokens) << penalty << ", " << source << ", " << i;
        EXPECT_DOUBLE_EQ(outputs[source][i].score, all[i].score);
        EXPECT_EQ(outputs[source][i].ended, all[i].ended);
      }
    }
  }
}

TEST(BeamSearch, SourcesDoNotDisturbEachOther) {
  const std::vector<std::size_t> most = {2, 7, 1, 5};
  const BeamOptions options{.beam = 3, .n_best = 3, .begin = kBegin, .end = kEnd};
  const auto together = search(most, options);
  for (std::size_t source = 0; source < most.size(); ++source) {
    const auto table = [source](std::size_t, const Tokens& beginning) { return random_table(source, beginning); };
    TableDecoder decoder(table, 1);
    const auto alone = beam_search(decoder, std::span(&most[source], 1), options).front();
    ASSERT_EQ(together[source].size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(together[source][i].tokens, alone[i].tokens);
      EXPECT_EQ(together[source][i].score, alone[i].score);
    }
  }
}

TEST(BeamSearch, KeepsWhatEachOutputLookedAt) {
  for (const std::vector<Hypothesis>& of_source : search({6, 6, 6}, {.beam = 4, .n_best = 4, .keep_attention = true})) {
    for (const Hypothesis& output : of_source) {
      const bool ended = output.tokens.size() < 6;
      EXPECT_EQ(output.most_seen.size(), output.tokens.size());
      ASSERT_EQ(output.attention.size(), output.tokens.size() + (ended ? 1 : 0));
      for (std::size_t i = 0; i < output.attention.size(); ++i) {
        Tokens read = {kBegin};
        read.insert(read.end(), output.tokens.begin(), output.tokens.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(Tokens(output.attention[i].begin(), output.attention[i].end()), read);
        if (i == output.tokens.size()) continue;
        const auto most = static_cast<std::size_t>(std::ranges::max_element(read) - read.begin());
        EXPECT_EQ(output.most_seen.at(i), most);
      }
    }
  }
}

// p(0) = 0.6 leads to ten equal ways to go on, p(3) = 0.4 to the end.
TEST(BeamSearch, SeesPastTheMostProbableToken) {
  const auto table = [](std::size_t, const Tokens& beginning) {
    std::vector<float> p(13, 1e-6F);
    if (beginning.empty()) {
      p[0] = 0.6F;
      p[3] = 0.4F;
    } else if (beginning.front() == 3) {
      p[kEnd] = 1;
    } else {
      std::fill(p.begin() + 3, p.end(), 0.1F);
    }
    for (float& one : p) one = std::log(one);
    return p;
  };
  const std::size_t most = 2;
  const auto best = [&](std::size_t beam) {
    TableDecoder decoder(table, 1);
    return beam_search(decoder, std::span(&most, 1), {.beam = beam, .begin = kBegin, .end = kEnd})[0][0].tokens;
  };
  EXPECT_EQ(best(1), (Tokens{0, 3}));
  EXPECT_EQ(best(2), Tokens{3});
}

// Short: log p = -1 in one token; long: -1.5 in three. Equal candidates: the lower token.
TEST(BeamSearch, LengthPenaltyPrefersLongOutputs) {
  const auto table = [](std::size_t, const Tokens& beginning) {
    std::vector<float> scores(5, -9.0F);
    scores[beginning.empty() || beginning.size() == 2 ? kEnd : 4] = beginning.size() == 1 ? -0.5F : -1.0F;
    if (beginning.empty()) scores[3] = -1.0F;
    if (beginning.size() == 2) scores[kEnd] = 0;
    return scores;
  };
  const std::size_t most = 5;
  const auto best = [&](double penalty) {
    TableDecoder decoder(table, 1);
    return beam_search(decoder, std::span(&most, 1), {2, 1, penalty, kBegin, kEnd})[0][0];
  };
  EXPECT_EQ(best(0).tokens, Tokens{});
  EXPECT_DOUBLE_EQ(best(0).score, -1);
  EXPECT_EQ(best(1).tokens, (Tokens{3, 4}));
  EXPECT_DOUBLE_EQ(best(1).score, -1.5 / 3);
}

TEST(BeamSearch, EndsAtTheMostTokensAndFollowsNoMoreThanTheBeam) {
  const auto endless = [](std::size_t source, const Tokens& beginning) {
    std::vector<float> scores = random_table(source, beginning);
    scores[kEnd] = -1000;
    return scores;
  };
  TableDecoder decoder(endless, 2);
  const std::vector<std::size_t> most = {3, 8};
  const auto outputs = beam_search(decoder, most, {.beam = 3, .n_best = 3, .begin = kBegin, .end = kEnd});
  for (std::size_t source = 0; source < 2; ++source) {
    ASSERT_EQ(outputs[source].size(), 3U);
    for (const Hypothesis& output : outputs[source]) {
      EXPECT_EQ(output.tokens.size(), most[source]);
      EXPECT_FALSE(output.ended);
    }
  }
  EXPECT_EQ(decoder.most_rows, 6U);
}

// The end has a probability of 0.2 at every step, what goes on of 0.8: the longer, the better a token.
TEST(BeamSearch, CutOutputsComeAfterThoseThatHaveEnded) {
  const auto table = [](std::size_t, const Tokens&) {
    return std::vector<float>{-99, -99, std::log(0.2F), std::log(0.8F), -99};
  };
  TableDecoder decoder(table, 1);
  const std::size_t most = 4;
  const auto outputs =
      beam_search(decoder, std::span(&most, 1), {.beam = 3, .n_best = 3, .begin = kBegin, .end = kEnd});
  ASSERT_EQ(outputs[0].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(outputs[0][i].ended, i < 2) << i;
  EXPECT_GT(outputs[0][2].score, outputs[0][0].score);
  EXPECT_EQ(outputs[0][2].tokens, (Tokens{3, 3, 3, 3}));
}

TEST(BeamSearch, EndsWhenTheBeamsOutputsHaveEnded) {
  const auto short_ones = [](std::size_t, const Tokens&) { return std::vector<float>{-3, -9, -0.1F, -4, -5}; };
  TableDecoder decoder(short_ones, 1);
  const std::size_t most = 50;
  const auto outputs =
      beam_search(decoder, std::span(&most, 1), {.beam = 3, .n_best = 3, .begin = kBegin, .end = kEnd});
  EXPECT_EQ(outputs[0].size(), 3U);
  EXPECT_EQ(decoder.steps, 2U);  // one of one token, two of two
}

// The most probable way to go on is always the same token, then the end.
std::vector<float> stutter(std::size_t, const Tokens&) { return {-9, -99, -1, -0.5F, -3}; }

TEST(BeamSearch, EndsNoOutputBeforeItsLeastTokens) {
  for (const std::size_t least : {0U, 1U, 4U}) {
    TableDecoder decoder([](std::size_t, const Tokens&) { return std::vector<float>{-9, -99, -0.1F, -3, -4}; }, 1);
    const std::size_t most = 9;
    BeamOptions options{.beam = 3, .n_best = 3, .begin = kBegin, .end = kEnd};
    options.min_output = least;
    const auto outputs = beam_search(decoder, std::span(&most, 1), options)[0];
    ASSERT_EQ(outputs.size(), 3U);
    EXPECT_EQ(outputs[0].tokens, Tokens(least, 3));
    for (const Hypothesis& output : outputs) EXPECT_GE(output.tokens.size(), least);
    EXPECT_TRUE(outputs[0].ended);
  }
}

bool repeats(const Tokens& tokens, std::size_t run) {
  for (std::size_t i = 0; i + run <= tokens.size(); ++i) {
    for (std::size_t j = i + 1; j + run <= tokens.size(); ++j) {
      if (std::equal(tokens.begin() + static_cast<std::ptrdiff_t>(i),
                     tokens.begin() + static_cast<std::ptrdiff_t>(i + run),
                     tokens.begin() + static_cast<std::ptrdiff_t>(j))) {
        return true;
      }
    }
  }
  return false;
}

TEST(BeamSearch, WritesNoRunOfTokensTwice) {
  const auto best = [](std::size_t no_repeat, std::size_t least) {
    TableDecoder decoder(stutter, 1);
    const std::size_t most = 30;
    BeamOptions options{.beam = 1, .begin = kBegin, .end = kEnd};
    options.no_repeat = no_repeat;
    options.min_output = least;
    return beam_search(decoder, std::span(&most, 1), options)[0][0];
  };
  EXPECT_EQ(best(0, 0).tokens, Tokens(30, 3));
  EXPECT_EQ(best(1, 0).tokens, Tokens{3});
  EXPECT_EQ(best(2, 0).tokens, (Tokens{3, 3}));
  EXPECT_EQ(best(3, 0).tokens, (Tokens{3, 3, 3}));
  EXPECT_EQ(best(2, 5).tokens, (Tokens{3, 3, 4, 3, 0, 3}));  // 3 3, 3 4, 4 3, 3 0, 0 3
  // When every token has been written there is nothing left but the end, however early.
  EXPECT_EQ(best(1, 20).tokens, (Tokens{3, 4, 0}));
  EXPECT_TRUE(best(1, 20).ended);
}

TEST(BeamSearch, WideOnesFindTheBestOutputsWithoutRepetitions) {
  const std::size_t most = 4;
  for (const std::size_t run : {1U, 2U}) {
    TableDecoder decoder(random_table, 1);
    BeamOptions options{.beam = 300, .n_best = 5, .begin = kBegin, .end = kEnd};
    options.no_repeat = run;
    options.min_output = 1;
    const auto found = beam_search(decoder, std::span(&most, 1), options)[0];
    std::vector<Hypothesis> all = all_outputs(0, most, 1);
    std::erase_if(all, [&](const Hypothesis& h) { return h.tokens.empty() || repeats(h.tokens, run); });
    ASSERT_EQ(found.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(found[i].tokens, all[i].tokens) << run << ", " << i;
  }
}

// Hypotheses may have tokens that others lack: what stands behind those of one is not looked at.
TEST(BeamSearch, LooksAtTheTokensThatAHypothesisHas) {
  class Narrow : public TableDecoder {
   public:
    using TableDecoder::TableDecoder;
    Step step(std::span<const int> tokens, std::span<const std::size_t> from) override {
      Step step = TableDecoder::step(tokens, from);
      for (std::size_t i = 0; i < tokens.size(); ++i) step.tokens.push_back(4);
      return step;
    }
  };
  Narrow decoder([](std::size_t, const Tokens&) { return std::vector<float>{-2, -9, -2, -1, std::nanf("")}; }, 1);
  const std::size_t most = 3;
  EXPECT_EQ(beam_search(decoder, std::span(&most, 1), {.beam = 1, .begin = kBegin, .end = kEnd})[0][0].tokens,
            Tokens(3, 3));
}

// A NaN has no place in an order: it is refused before anything is compared with it.
TEST(BeamSearch, RefusesWhatIsNoNumber) {
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    TableDecoder decoder(
        [bad](std::size_t source, const Tokens& beginning) {
          std::vector<float> scores = random_table(source, beginning);
          if (beginning.size() == 1) scores[3] = bad;
          return scores;
        },
        2);
    const std::vector<std::size_t> most = {4, 4};
    EXPECT_THROW(beam_search(decoder, most, {3, 1, 1, kBegin, kEnd, false}), Error);
  }
}

bool has(const Tokens& tokens, const Tokens& run) { return !std::ranges::search(tokens, run).empty(); }

// Against all outputs that have the runs, of one, two and overlapping ones: 3 4 and 4 0 both stand in 3 4 0.
TEST(BeamSearch, WideOnesFindTheBestOutputsThatHaveWhatTheyMust) {
  const std::vector<std::vector<Tokens>> cases = {{{3}}, {{4, 4}}, {{0}, {3, 4}}, {{3, 4}, {4, 0}}, {{3}, {3}}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::vector<std::size_t> most = {4, 4};
    TableDecoder decoder(random_table, most.size());
    BeamOptions options{.beam = 700, .n_best = 5, .begin = kBegin, .end = kEnd};
    options.contain = WantedRuns(cases[i]);
    const auto found = beam_search(decoder, most, options);
    for (std::size_t source = 0; source < most.size(); ++source) {
      std::vector<Hypothesis> all = all_outputs(source, most[source], 1);
      std::erase_if(all, [&](const Hypothesis& h) {
        return !std::ranges::all_of(cases[i], [&](const Tokens& run) { return has(h.tokens, run); });
      });
      ASSERT_EQ(found[source].size(), 5U);
      for (std::size_t j = 0; j < 5; ++j) {
        EXPECT_EQ(found[source][j].tokens, all[j].tokens) << i << ", " << source << ", " << j;
        EXPECT_TRUE(found[source][j].has_all);
      }
    }
  }
}

// However improbable they are, and with the smallest beam; the end is what comes most readily.
TEST(BeamSearch, OutputsHaveWhatTheyMust) {
  for (const std::size_t beam : {1U, 3U}) {
    TableDecoder decoder([](std::size_t, const Tokens&) { return std::vector<float>{-9, -99, -0.2F, -3, -4}; }, 1);
    const std::size_t most = 9;
    BeamOptions options{.beam = beam, .begin = kBegin, .end = kEnd};
    options.contain = WantedRuns({{0, 0}, {4}});
    const Hypothesis output = beam_search(decoder, std::span(&most, 1), options)[0][0];
    EXPECT_TRUE(has(output.tokens, {0, 0}) && has(output.tokens, {4}));
    EXPECT_TRUE(output.ended && output.has_all);
    EXPECT_LE(decoder.most_rows, 4 * beam);
  }
}

TEST(BeamSearch, SaysWhichOutputsLackWhatTheyMustHave) {
  TableDecoder decoder(stutter, 1);
  const std::size_t most = 2;
  BeamOptions options{.beam = 3, .n_best = 3, .begin = kBegin, .end = kEnd};
  options.contain = WantedRuns(std::vector<Tokens>{{0, 4, 0}});
  const auto outputs = beam_search(decoder, std::span(&most, 1), options);
  for (const Hypothesis& output : outputs[0]) {
    EXPECT_FALSE(output.has_all);
  }
}

// Of a decoder whose "attention" at each step is what it has read, [1], [1, t1], ..: no positions that stay the same.
// So one that looks at three positions as a table says, by its last token.
class LookingDecoder : public TableDecoder {
 public:
  using TableDecoder::TableDecoder;
  Step step(std::span<const int> tokens, std::span<const std::size_t> from) override {
    Step step = TableDecoder::step(tokens, from);
    for (const int token : tokens) step.attention.emplace_back(kLooks[static_cast<std::size_t>(token)]);
    return step;
  }
  static constexpr float kLooks[5][3] = {
      {0.2F, 0.3F, 0.5F}, {0.9F, 0.1F, 0}, {0, 0, 1}, {0.1F, 0.9F, 0}, {0.4F, 0.4F, 0.2F}};
};

// Wu et al. 2016, equation 14: after <s>, 3, 4 the third position has been looked at for 0 + 0 + 0.2.
TEST(BeamSearch, TheCoveragePenaltyIsTheLogarithmOfWhatWasNotLookedAt) {
  const std::vector<std::size_t> most = {4};
  const double penalty = 0.7;
  std::vector<Hypothesis> all = all_outputs(0, most[0], 1);
  for (Hypothesis& h : all) {
    double looked[3] = {};
    Tokens read = h.tokens;
    read.insert(read.begin(), kBegin);
    if (!h.ended) read.pop_back();  // what was written last has not been read
    for (const int token : read) {
      for (std::size_t j = 0; j < 3; ++j) {
        looked[j] += static_cast<double>(LookingDecoder::kLooks[static_cast<std::size_t>(token)][j]);
      }
    }
    for (const double amount : looked) {
      h.score += penalty * std::log(std::min(1.0, std::max(amount, double{std::numeric_limits<float>::min()})));
    }
  }
  std::ranges::stable_sort(
      all, [](const Hypothesis& a, const Hypothesis& b) { return a.ended != b.ended ? a.ended : a.score > b.score; });
  LookingDecoder decoder(random_table, 1);
  BeamOptions options{.beam = 200, .n_best = 6, .begin = kBegin, .end = kEnd};
  options.coverage_penalty = penalty;
  const auto found = beam_search(decoder, most, options)[0];
  ASSERT_EQ(found.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(found[i].tokens, all[i].tokens) << i;
    EXPECT_NEAR(found[i].score, all[i].score, 1e-12);
  }
}

}  // namespace
}  // namespace recur::beam_search_test
