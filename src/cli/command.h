// A command of the program: what it can be told, and what it does. commands.h has the table of them; parser.h reads a
// command line.
//
// Results go to standard output, everything else to standard error. The exit code is 0: done, 1: failed, 2: misused,
// 129, 130 or 143: interrupted by SIGHUP, SIGINT or SIGTERM.
#pragma once

#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/types/options.h"

namespace recur {

constexpr int kDone = 0, kFailed = 1, kMisused = 2;

// A command line that makes no sense: the message begins with the flag, and is shown with where there is help.
class Misuse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The options that a user gave, on the command line or in a file of flags, as texts.
class Given {
 public:
  bool has(std::string_view name) const;
  // The same but for those that a preset gave.
  bool has_own(std::string_view name) const;
  bool has_any(const OptionList& list) const;
  void add(const Option& option, const std::string& text, bool of_preset) {
    texts_.push_back({option.name, text, of_preset});
  }
  // Sets those that the list has. Throws Misuse for a text that one of them does not take.
  void apply(const OptionList& list) const;
  // The names of those that the list has not.
  std::vector<std::string> unknown_to(const OptionList& list) const;

 private:
  struct Text {
    std::string name, text;
    bool of_preset;
  };
  std::vector<Text> texts_;
};

// Throws Error naming a flag that was given and is of one of these groups, but for some, and saying why that is wrong.
void refuse_groups(const OptionList& list, const Given& given, std::initializer_list<std::string_view> groups,
                   std::initializer_list<std::string_view> except, const std::string& why);

// Sets an option from a text. Throws Misuse.
void set_option(const Option& option, const std::string& text);

struct Command {
  std::string name;
  std::string description;  // the first line stands in the list of commands
  std::string examples;
  OptionList options = {};                          // of fields that live as long as `run`
  std::function<int(const Given& given)> run = {};  // once the options are set; returns the exit code
  std::vector<Command> commands = {};               // instead of options and run
  std::string heading = "Commands";                 // of these
};

}  // namespace recur
