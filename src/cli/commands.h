// The program: a table of commands (commands.cc), a file a command.
//
// Results go to standard output, everything else to standard error. The exit code is 0: done, 1: failed, 2: misused,
// 130 or 143: interrupted by SIGINT or SIGTERM.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace recur {

constexpr int kDone = 0, kFailed = 1, kMisused = 2;

// A command as it is added to the program: its flags, and what it does once they have been read.
struct Command {
  CLI::App* parser;
  std::function<int()> run;  // returns the exit code; throws on failure, CLI::ParseError when misused
};

Command add_train(CLI::App& program);
Command add_eval(CLI::App& program);
Command add_predict(CLI::App& program);
Command add_sample(CLI::App& program);
Command add_info(CLI::App& program);
Command add_cells(CLI::App& program);
Command add_bench(CLI::App& program);
Command add_inspect(CLI::App& program);

// The tasks of `recur train`.
Command add_train_language_model(CLI::App& train);
Command add_train_classify(CLI::App& train);
Command add_train_tag(CLI::App& train);
Command add_train_translate(CLI::App& train);

// What `recur inspect` shows.
Command add_inspect_gradients(CLI::App& inspect);
Command add_inspect_units(CLI::App& inspect);

// Runs the one of them that was given; if none was, explains `parser` on standard error and returns kMisused.
int run_given(const CLI::App& parser, const std::vector<Command>& commands);

}  // namespace recur
