#include "infer/token_choice.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/philox.h"
#include "recur/types/error.h"

namespace recur::token_choice_test {
namespace {

constexpr std::size_t kVocabulary = 6;

// What Keskar et al. 2019 do to logits, token by token: those that are in the set are divided, but what is negative is
// multiplied so that it becomes less likely, too.
std::vector<float> penalised(std::vector<float> logits, const std::vector<int>& set, float penalty) {
  for (std::size_t id = 0; id < logits.size(); ++id) {
    bool in_set = false;
    for (const int token : set) in_set = in_set || static_cast<std::size_t>(token) == id;
    if (in_set) logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
  }
  return logits;
}

struct Chooser {
  explicit Chooser(const Generation& generation)
      : options(generation), sampler(options.sampling, kVocabulary), choice(options, options.seed, all, sampler) {}
  Generation options;
  WritableTokens all;
  Sampler sampler;
  TokenChoice choice;
};

TEST(TokenChoice, PenalisesWhatTheWindowHas) {
  const std::vector<float> logits = {2, 1.5F, -1, -1.5F, 0, 0.25F};
  Generation options;
  options.repetition_penalty = 1.5F;
  options.repetition_window = 3;
  Chooser c(options);
  std::vector<int> written;
  for (const int token : {0, 2, 2, 3}) {
    c.choice.note(token);
    written.push_back(token);
  }
  for (int i = 0; i < 20; ++i) {
    std::vector<float> changed = logits;
    written.push_back(c.choice.choose(changed));
    const std::vector<int> window(written.end() - 4, written.end() - 1);
    EXPECT_EQ(changed, penalised(logits, window, 1.5F)) << i;
  }
}

TEST(TokenChoice, WithoutAPenaltyItIsTheSampler) {
  const std::vector<float> logits = {2, 1.5F, -1, -1.5F, 0, 0.25F};
  Generation options;
  options.seed = 3;
  Chooser c(options);
  const Random random(3, RandomPurpose::sample);
  Sampler sampler({}, kVocabulary);
  for (std::uint64_t i = 0; i < 50; ++i) {
    std::vector<float> mine = logits;
    EXPECT_EQ(c.choice.choose(mine), sampler.pick(logits, random.uniform64(i)));
    EXPECT_EQ(mine, logits);
  }
}

TEST(TokenChoice, RefusesPenaltiesThatFavourRepetition) {
  for (const float bad : {0.9F, 0.0F, -1.0F, std::nanf("")}) {
    Generation options;
    options.repetition_penalty = bad;
    EXPECT_THROW(Chooser{options}, Error) << bad;
  }
}

}  // namespace
}  // namespace recur::token_choice_test
