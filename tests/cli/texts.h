// Small texts and quick trainings for the tests of the program.
#pragma once

#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur {

inline std::string rhyme(int verses) {
  std::string text;
  for (int verse = 0; verse < verses; ++verse) {
    text += "the cat sat on mat " + std::to_string(verse % 7) + "\nand the rat ran by\n";
  }
  return text;
}

// `count` characters of ASCII from '0' on, each many times.
inline std::string alphabet(int count) {
  std::string text;
  for (int i = 0; i < 100 * count; ++i) text += static_cast<char>('0' + (i * i + i / count) % count);
  for (int i = 0; i < count; ++i) text += static_cast<char>('0' + i);
  return text;
}

// Trains a tiny network on data into model; the last of a repeated flag counts.
inline ProgramResult train(const std::string& data, const std::string& model, const std::vector<std::string>& more = {},
                           const ProgramOptions& options = {}) {
  std::vector<std::string> arguments = {"train",    "lm", "--data",  data, "--out",    model, "--hidden", "8",
                                        "--layers", "2",  "--batch", "4",  "--unroll", "10",  "--epochs", "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments, options);
}

// For the tests that only need a model.
class TrainedModel {
 public:
  explicit TrainedModel(const std::vector<std::string>& more = {})
      : text(folder.write("text.txt", rhyme(40))), model(folder.file("model.safetensors")) {
    training = train(text, model, more);
  }
  TempFolder folder;
  std::string text, model;
  ProgramResult training;
};

}  // namespace recur
