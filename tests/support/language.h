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
#include "tasks/language_model.h"

namespace recur {

// The words <eos>, w1, w2, ...
inline Tokenizer test_tokenizer(std::size_t vocabulary) {
  std::vector<std::string> words = {std::string(kEndOfLineToken)};
  for (std::size_t i = 1; i < vocabulary; ++i) words.push_back("w" + std::to_string(i));
  return {TokenizerKind::word, Vocabulary(words)};
}

inline std::unique_ptr<LanguageNetwork> test_network(const LanguageModelOptions& options, std::size_t vocabulary) {
  auto network = std::make_unique<LanguageNetwork>(options, test_tokenizer(vocabulary));
  network->parameters().allocate();
  network->parameters().initialise(7, 0.3F);
  return network;
}

// A text of so many random words of the network's vocabulary.
inline Corpus test_corpus(const LanguageNetwork& network, std::size_t tokens) {
  // Tests run side by side, each in a process of its own.
  const std::string path = testing::TempDir() + "recur-test-corpus-" + std::to_string(::getpid()) + ".txt";
  const Random random(3, RandomPurpose::test);
  std::ofstream file(path);
  for (std::size_t i = 0; i < tokens; ++i) {
    const std::size_t word = random.word(i) % network.vocabulary_size();
    if (word == 0) {
      file << '\n';
    } else {
      file << 'w' << word << ' ';
    }
  }
  file.close();
  return {path, network.tokenizer()};
}

inline std::vector<int> test_tokens(std::size_t count, std::size_t vocabulary, std::uint32_t stream) {
  const Random random(5, RandomPurpose::test, stream);
  std::vector<int> tokens(count);
  for (std::size_t i = 0; i < count; ++i) tokens[i] = static_cast<int>(random.word(i) % vocabulary);
  return tokens;
}

}  // namespace recur
