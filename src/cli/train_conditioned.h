// recur train lm --conditioned: a language model of texts under labels. It shares the command and its flags with the
// language model of one long text, but not what they are by default.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/train_records.h"

namespace recur {

class TrainConditioned {
 public:
  // Adds --conditioned, and the flags that go with it alone, to the parser of `recur train lm`.
  explicit TrainConditioned(CLI::App& parser);
  TrainConditioned(const TrainConditioned&) = delete;
  TrainConditioned& operator=(const TrainConditioned&) = delete;

  // Whether --conditioned was given, or the training that is to be resumed had it. Throws CLI::ParseError if not, and
  // yet one of its flags was given.
  bool is_meant(const std::string& model, bool resume) const;
  // Trains with the flags that the parser was given; throws CLI::ParseError for one that does not go with
  // --conditioned.
  int run();

 private:
  CLI::App& given_;
  bool conditioned_ = false;
  TaskJob shown_;  // what the help shows of the flags for --conditioned alone

  CLI::App parser_;  // of a conditioned model's flags and what they are by default
  TrainRecords records_;
};

}  // namespace recur
