// Small conditioned language models on a few texts.
#pragma once

#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/temp_folder.h"
#include "infer/generate.h"
#include "tasks/conditioned_model.h"

namespace recur {

inline const NoiseSource kNoNoise{Random(0, RandomPurpose::dropout), 0, false};

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

struct ConditionedTrainee {
  explicit ConditionedTrainee(const ConditionedOptions& options, const std::string& texts = kLabelledTexts) {
    const InputFile file(folder.write("texts.tsv", texts));
    network = ConditionedModel::build(options, file, {});
    TrainingOptions training;
    training.seed = 4;
    training.initial_range = 0.7F;
    network->start(training);
    records = network->read(file, {});
    batch.resize(records->size());
    std::iota(batch.begin(), batch.end(), std::size_t{0});
  }
  std::unique_ptr<Records> read(const std::string& text, const ReadOptions& options = {}) const {
    return network->read(InputFile(folder.write("other.tsv", text)), options);
  }
  double nats(const Records& of, const std::vector<std::size_t>& which) const {
    Tape tape(false);
    return network->loss(tape, of, which, kNoNoise).nats;
  }
  // Of each line of label<TAB>text: -log p, and how many tokens.
  std::vector<std::pair<double, std::size_t>> predict(const std::string& texts, std::size_t most = 10'000) const {
    ReadOptions options;
    options.answers = false;
    options.length.most = most;
    std::stringstream lines;
    network->predict(*read(texts, options), {}, [&](std::string_view line) { lines << line; });
    std::vector<std::pair<double, std::size_t>> read;
    double nats = 0;
    std::size_t tokens = 0;
    while (lines >> nats >> tokens) read.emplace_back(nats, tokens);
    return read;
  }
  std::string sample(std::string_view label, const Generation& options) const {
    std::string text;
    generate(*network, label, options, [&](std::string_view piece) { text += piece; });
    return text;
  }

  TempFolder folder;
  std::unique_ptr<ConditionedModel> network;
  std::unique_ptr<Records> records;
  std::vector<std::size_t> batch;
};

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
