// Small language networks and texts for tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/philox.h"
#include "data/endless_text_field.h"
#include "tasks/windows_task.h"

namespace recur {

// Of the words <eos>, w0, w1, ...
inline std::unique_ptr<Network> test_network(const LanguageModelOptions& options, std::size_t vocabulary) {
  auto network = std::make_unique<Network>(blank_language_model(options, vocabulary));
  TrainingOptions training;
  training.seed = 7;
  training.initial_range = 0.3F;
  network->start(training);
  return network;
}

inline const Tokenizer& tokenizer_of(const Network& network) { return endless_text(network.fields())->tokenizer(); }

// A window of tokens.
inline Batch test_window(const std::vector<int>& inputs, const std::vector<int>& targets, const Steps& steps,
                         float gradient_scale = 1) {
  Batch batch;
  batch.gradient_scale = gradient_scale;
  batch.fields.resize(1);
  batch.fields[0].steps = steps;
  batch.fields[0].ids = inputs;
  batch.fields[0].targets = targets;
  return batch;
}

// The summed loss of predicting targets from inputs; the gradient times `gradient_scale` is ready to flow back.
inline double window_loss(const Network& network, Tape& tape, const std::vector<int>& inputs,
                          const std::vector<int>& targets, const Steps& steps, StackState& state, const Noise& noise,
                          float gradient_scale) {
  const Batch& window = tape.keep(test_window(inputs, targets, steps, gradient_scale));
  return network.loss({tape, network.parameters(), noise}, window, state).nats;
}

// A text of so many random words of the network's vocabulary.
inline Corpus test_corpus(const Network& network, std::size_t tokens) {
  // Tests run side by side, each in a process of its own.
  const std::string path = testing::TempDir() + "recur-test-corpus-" + std::to_string(::getpid()) + ".txt";
  const Random random(3, RandomPurpose::test);
  std::ofstream file(path);
  for (std::size_t i = 0; i < tokens; ++i) {
    const std::size_t word = random.word(i) % static_cast<std::uint64_t>(tokenizer_of(network).vocabulary().size());
    if (word == 0) {
      file << '\n';
    } else {
      file << 'w' << word - 1 << ' ';
    }
  }
  file.close();
  return {path, tokenizer_of(network)};
}

inline std::vector<int> test_tokens(std::size_t count, std::size_t vocabulary, std::uint32_t stream) {
  const Random random(5, RandomPurpose::test, stream);
  std::vector<int> tokens(count);
  for (std::size_t i = 0; i < count; ++i) tokens[i] = static_cast<int>(random.word(i) % vocabulary);
  return tokens;
}

}  // namespace recur
