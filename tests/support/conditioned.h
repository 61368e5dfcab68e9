// Small conditioned language models on a few texts.
#pragma once

#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "data/text_field.h"
#include "infer/generate.h"
#include "support/records.h"

namespace recur {

// Longest first, as a batch has them.
inline constexpr const char* kLabelledTexts = "jig\tabca\nreel\tcab\njig\tcc\nair\tb\n";

inline ConditionedOptions conditioned_letters(const char* cell = "lstm", std::size_t layers = 1, bool fed = false) {
  ConditionedOptions o;
  o.network = {.cell = cell, .layers = layers, .hidden = 3};
  o.embedding = 2;
  o.condition_size = 2;
  o.feed_condition = fed;
  return o;
}

struct ConditionedTrainee : RecordsCase {
  explicit ConditionedTrainee(const ConditionedOptions& options, const std::string& texts = kLabelledTexts)
      : RecordsCase(options, texts) {
    std::iota(batch.begin(), batch.end(), std::size_t{0});
  }
  // Of each line of label<TAB>text: -log p, and how many tokens.
  std::vector<std::pair<double, std::size_t>> predict(const std::string& texts, std::size_t most = 10'000) const {
    const auto answered = read(texts, false, most);
    std::vector<std::pair<double, std::size_t>> scores(answered->size());
    recur::predict(*network, *answered, {}, [&](std::size_t record, Prediction&& prediction) {
      const TextScore& score = std::get<TextScore>(prediction);
      scores[record] = {score.nats, score.tokens};
    });
    return scores;
  }
  std::string sample(std::string_view label, const Generation& options) const {
    std::string text;
    Author author(*network, std::make_shared<NetworkStepper>(step_network(*network)), label, options);
    generate(author, [&](std::string_view piece) { text += piece; });
    return text;
  }
};

constexpr std::size_t kLabel = 0, kText = 1;  // fields

// Cells, layers, and ways in which the label reaches them.
inline std::vector<ConditionedOptions> conditioned_kinds() {
  std::vector<ConditionedOptions> all;
  for (const char* cell : {"gru", "lstm"}) {
    for (const std::size_t layers : {1U, 2U}) {
      for (const bool fed : {false, true}) all.push_back(conditioned_letters(cell, layers, fed));
    }
  }
  ConditionedOptions one_hot = conditioned_letters("lstm", 2);
  one_hot.embedding = 0;
  all.push_back(one_hot);
  ConditionedOptions windows = conditioned_letters("qrnn", 2, true);
  windows.network.connection = Connection::residual;
  all.push_back(windows);
  return all;
}

inline std::string conditioned_test_name(const testing::TestParamInfo<ConditionedOptions>& info) {
  const ConditionedOptions& o = info.param;
  return o.network.cell + std::to_string(o.network.layers) + (o.feed_condition ? "_fed" : "") +
         (o.embedding == 0 ? "_one_hot" : "");
}

}  // namespace recur
