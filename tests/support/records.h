// A small network of a task, with random parameters, and the records that it is to learn.
#pragma once

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "infer/prediction_text.h"
#include "recur/model.h"
#include "support/gradient_check.h"
#include "tasks/evaluate.h"
#include "tasks/network.h"

namespace recur {

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

struct RecordsCase {
  explicit RecordsCase(const TaskOptions& options, const std::string& text, float range = 0.7F,
                       std::uint64_t seed = 4) {
    TrainingOptions training;
    training.seed = seed;
    training.initial_range = range;
    const InputFile file(folder.write("data", text));
    network = std::make_unique<Network>(learn_task(options, {file, {}}, {}, nullptr));
    network->start(training);
    network->load_vectors();
    records = read_records(network->fields(), {file, {}}, {});
    network->learn(*records);
    batch = longest_records();
  }
  // All records, longest first.
  std::vector<std::size_t> longest_records() const {
    std::vector<std::size_t> order(records->size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>(), [this](std::size_t i) { return records->lengths[i]; });
    return order;
  }

  std::unique_ptr<Records> read(const std::string& text, const ReadOptions& options = {}) const {
    const InputFile file(folder.write("other", text));
    return read_records(network->fields(), {file, {}}, options);
  }
  std::unique_ptr<Records> read(const std::string& text, bool answers, std::size_t most = 10'000) const {
    ReadOptions options;
    options.answers = answers;
    options.length.most = most;
    return read(text, options);
  }
  LossSum loss_on(Tape& tape, const Records& of, const std::vector<std::size_t>& which, const Noise& noise) const {
    const std::vector<std::size_t>& kept = tape.keep(std::vector<std::size_t>(which));
    const Batch& rows = tape.keep(make_batch(network->fields(), of, kept));
    return network->loss({tape, network->parameters(), noise}, rows);
  }
  LossSum loss(const std::vector<std::size_t>& which) const {
    Tape tape(false);
    return loss_on(tape, *records, which, Noise::silent());
  }
  double nats(const Records& of, const std::vector<std::size_t>& which) const {
    Tape tape(false);
    return loss_on(tape, of, which, Noise::silent()).nats;
  }
  const Column& column(std::size_t field) const { return records->columns[field]; }
  // How good predictions of records are.
  nlohmann::ordered_json metrics(const Records& of, const PredictOptions& options = {}) const {
    return metrics_of(evaluate(*network, of, options), of);
  }
  // The lines of the predictions for records; `empty_before` has a line, too.
  std::vector<std::string> predict(const Records& of, const PredictOptions& options = {},
                                   OutputLines outputs = OutputLines::plain) const {
    std::vector<std::string> predictions(of.size());
    recur::predict(*network, of, options, [&](std::size_t record, Prediction&& prediction) {
      predictions[record] = prediction_text(prediction, record + 1, outputs);
    });
    std::string text;
    std::size_t empty = 0;
    for (std::size_t i = 0; i <= predictions.size(); ++i) {
      for (; empty < of.empty_before.size() && of.empty_before[empty] == i; ++empty) text += "\n";
      if (i < predictions.size()) text += predictions[i];
    }
    return lines_of(text);
  }
  // A prediction for each line of a file without answers.
  std::vector<std::string> predict(const std::string& text) const { return predict(*read(text, false)); }
  // The mean loss of all records as a function of the parameters; draws the same noise each time.
  Computation mean_loss() {
    return [this](Tape& tape, std::vector<std::vector<float>>& arrays, std::vector<std::vector<float>>& gradients) {
      Parameters& parameters = network->parameters();
      std::ranges::copy(arrays[0], parameters.values().begin());
      std::ranges::fill(parameters.gradients(), 0.0F);
      const LossSum loss = loss_on(tape, *records, batch, Noise::silent());
      if (tape.recording()) {
        tape.backward();
        std::ranges::copy(parameters.gradients(), gradients[0].begin());
      }
      return loss.mean();
    };
  }
  std::vector<std::vector<float>> values() const {
    const std::span<const float> all = network->parameters().values();
    return {{all.begin(), all.end()}};
  }

  TempFolder folder;
  std::unique_ptr<Network> network;
  std::unique_ptr<Records> records;
  std::vector<std::size_t> batch;  // of all, longest first
};

// What a model says of a file, as lines.
inline std::string predicted_lines(const Model& model, const std::string& path, const PredictOptions& options = {}) {
  std::string text;
  model.predict(
      path,
      [&](const Prediction* prediction, std::size_t line) {
        text += prediction == nullptr ? "\n" : prediction_text(*prediction, line);
      },
      options);
  return text;
}

}  // namespace recur
