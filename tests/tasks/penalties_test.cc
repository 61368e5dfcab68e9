// Penalties of what layers put out reach the layers of every task.
#include <gtest/gtest.h>

#include "support/records.h"
#include "support/settings.h"

namespace recur::penalties_test {
namespace {

constexpr const char* kTexts = "a\tx y z\nb\ty z\na\tz x\nb\ty y x\n";
constexpr const char* kPairs = "x y z\ta\ny z\tb\nz x\ta b\ny y x\tb\n";
constexpr const char* kSentences = "ab X\ncd Y\nab X\n\nba Y\ndc X\n";

struct Case {
  std::string name;
  TaskOptions options;
  const char* data;
};

RecurrentOptions network(std::size_t layers) {
  return {.cell = "gru", .layers = layers, .hidden = 3, .bidirectional = false, .dropout = 0};
}

std::vector<Case> cases() {
  ClassifyOptions classify;
  TagOptions tag;
  ConditionedOptions conditioned;
  classify.network = tag.network = conditioned.network = network(1);
  tag.words.min_count = 1;
  std::vector<Case> all = {{"classify", classify, kTexts}, {"tag", tag, kSentences}, {"lm", conditioned, kTexts}};
  for (const Attention attention : {Attention::none, Attention::additive, Attention::dot, Attention::general}) {
    for (const std::size_t layers : {1U, 2U}) {
      TranslateOptions o;
      o.network = network(layers);
      o.attention = attention;
      all.push_back({std::string(to_string(attention)) + std::to_string(layers), o, kPairs});
    }
  }
  return all;
}

class Penalties : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Tasks, Penalties, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

std::vector<float> gradient(const Case& c, float activation, float temporal) {
  TaskOptions options = c.options;
  OptionList list;
  options.list(list);
  list.find("activation-penalty")->set(static_cast<double>(activation));
  list.find("temporal-penalty")->set(static_cast<double>(temporal));
  RecordsCase t(options, c.data);
  Tape tape;
  t.loss_on(tape, *t.records, t.batch, {0, 0});
  tape.backward();
  const std::span<float> all = t.network->parameters().gradients();
  return {all.begin(), all.end()};
}

TEST_P(Penalties, ReachTheWeightsOfEveryLayer) {
  const WithThreads one(1);
  const RecordsCase t(GetParam().options, GetParam().data);
  const std::vector<float> plain = gradient(GetParam(), 0, 0);
  for (const auto& [activation, temporal] : {std::pair(1.0F, 0.0F), std::pair(0.0F, 1.0F)}) {
    const std::vector<float> penalised = gradient(GetParam(), activation, temporal);
    std::size_t layers = 0;
    for (const Parameters::Declaration& d : t.network->parameters().declarations()) {
      if (d.name.find("weight_hh") == d.name.npos) continue;
      ++layers;
      const auto first = plain.begin() + static_cast<std::ptrdiff_t>(d.offset);
      EXPECT_FALSE(std::equal(first, first + static_cast<std::ptrdiff_t>(d.size),
                              penalised.begin() + static_cast<std::ptrdiff_t>(d.offset)))
          << d.name;
    }
    EXPECT_GT(layers, 0U);
  }
}

}  // namespace
}  // namespace recur::penalties_test
