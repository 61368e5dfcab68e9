// A small network of a task on records, with random parameters, and the records that it is to learn.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "support/gradient_check.h"
#include "tasks/task_table.h"

namespace recur {

struct RecordsCase {
  explicit RecordsCase(const TaskOptions& options, const std::string& text, float range = 0.7F) {
    TaskJob job;
    job.task = options;
    job.training.seed = 4;
    job.training.initial_range = range;
    const InputFile file(folder.write("data", text));
    network = build_task_network(job, file, {}, nullptr);
    records = network->read(file, {});
    batch.resize(records->size());
    std::iota(batch.begin(), batch.end(), std::size_t{0});
    std::ranges::stable_sort(batch, std::greater<>(), [this](std::size_t i) { return records->lengths[i]; });
  }

  LossSum loss(const std::vector<std::size_t>& which) const {
    Tape tape(false);
    return network->loss(tape, *records, which, {Random(0, RandomPurpose::dropout), 0, false});
  }
  // A prediction for each line of a file without answers.
  std::vector<std::string> predict(const std::string& text) const {
    ReadOptions options;
    options.answers = false;
    std::string output;
    network->predict(*network->read(InputFile(folder.write("new", text)), options), {},
                     [&](std::string_view part) { output += part; });
    std::vector<std::string> lines;
    std::istringstream stream(output);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  // The mean loss of all records as a function of the parameters; draws the same noise each time.
  Computation mean_loss() {
    return [this](Tape& tape, std::vector<std::vector<float>>& arrays, std::vector<std::vector<float>>& gradients) {
      Parameters& parameters = network->parameters();
      std::ranges::copy(arrays[0], parameters.values().begin());
      std::ranges::fill(parameters.gradients(), 0.0F);
      const LossSum loss = network->loss(tape, *records, batch, {Random(0, RandomPurpose::dropout), 0, false});
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
  std::unique_ptr<TaskNetwork> network;
  std::unique_ptr<Records> records;
  std::vector<std::size_t> batch;  // of all, longest first
};

}  // namespace recur
