// Options, each declared once: a function lists the fields of a struct, each with its name, range and help.
//
//   void list_options(OptionList& list, MyOptions& o) {
//     list.group("Network");
//     list.count("hidden", o.hidden, {1, 1'000'000}, "Units of each layer");
//     list.real("dropout", o.dropout, kShare, "Of the inputs of every layer");
//     list.choice("pooling", o.pooling, "How a sequence's outputs become one vector");
//   }
//
// From the list come the flag --hidden with its check and its help, the line of a configuration file, the entry in
// model files and checkpoints, the check of a job that a program makes, and what --resume compares.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "recur/types/choices.h"

namespace recur {

// What an option is set to: nothing (of one that may be left open), a switch, a count, a number or a text.
using OptionValue = std::variant<std::monostate, bool, std::uint64_t, double, std::string>;

// A set of numbers and its name.
struct Reals {
  const char* name;
  bool (*contains)(double);
};
inline constexpr Reals kShare = {"a number from 0 to below 1", [](double x) { return x >= 0 && x < 1; }};
inline constexpr Reals kProbability = {"a number above 0 and at most 1", [](double x) { return x > 0 && x <= 1; }};
inline constexpr Reals kFraction = {"a number from 0 to 1", [](double x) { return x >= 0 && x <= 1; }};
inline constexpr Reals kPositive = {"a number above 0", [](double x) { return x > 0; }};
inline constexpr Reals kNotNegative = {"a number of at least 0", [](double x) { return x >= 0; }};
// Larger ones are mistakes.
inline constexpr Reals kSize = {"a number from 0 to 1e+06", [](double x) { return x >= 0 && x <= 1e6; }};
inline constexpr Reals kAnySize = {"a number from -1e+06 to 1e+06", [](double x) { return x >= -1e6 && x <= 1e6; }};

struct Counts {
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

enum class OptionKind { flag, count, real, seconds, text, texts };

// Whether a resumed training may have another value of an option: no; yes; yes, and its user is told.
enum class Change { never, silent, told };

// What an option is of no use without: another, set to one of some values, or to a number so large at least, or to
// anything but one, or, if none of these is asked for, to another than its standard.
struct OptionNeed {
  std::string name;
  std::vector<std::string> values = {};
  std::uint64_t least = 0;
  std::string but = {};
};

struct Option {
  std::string name;  // of its flag, without the dashes
  const char* group = "";
  const char* help = "";
  const char* type = "";           // how help calls its value: "N"
  std::vector<std::string> names;  // that it may have, of one of an enum's; help lists them
  OptionKind kind = OptionKind::flag;
  std::string standard;           // its value before anything was set, for help
  bool required = false;          // must be given
  bool argument = false;          // is no flag but what a command is given after its name
  bool once = false;              // may not be given again; else the last of several counts
  Change change = Change::never;  // of its value when a training is resumed
  std::optional<OptionNeed> need = {};

  std::function<OptionValue()> get;
  // Sets the field, or leaves it and returns what was expected.
  std::function<std::string(const OptionValue&)> set;

  // The value that a text says, as on a command line. A text that says none is the value itself, which set() refuses.
  OptionValue parse(std::string_view text) const;
};

// A value as on a command line; for messages: a text in quotes.
std::string to_text(const OptionValue& value);
std::string quote_text(const OptionValue& value);

class OptionList {
 public:
  // Of the options that follow: the heading that help puts them under; what their names begin with.
  void group(const char* heading) { group_ = heading; }
  void prefix(std::string prefix) { prefix_ = std::move(prefix); }

  Option& flag(const char* name, bool& field, const char* help);
  template <std::integral T>
  Option& count(const char* name, T& field, Counts counts, const char* help) {
    counts.most = std::min(counts.most, static_cast<std::uint64_t>(std::numeric_limits<T>::max()));
    return add_count(
        name, counts, help, [&field] { return static_cast<std::uint64_t>(field); },
        [&field](std::uint64_t x) { field = static_cast<T>(x); });
  }
  template <std::floating_point T>
  Option& real(const char* name, T& field, const Reals& reals, const char* help) {
    return add_real(
        name, reals, help, [&field] { return field; }, [&field](double x) { field = static_cast<T>(x); });
  }
  // One that may be left open; `standard` says what then holds.
  Option& real(const char* name, std::optional<float>& field, const Reals& reals, const char* help,
               const char* standard);
  // 90, 90s, 10m or 2h.
  Option& seconds(const char* name, double& field, const char* help);
  // `check` returns what was expected of a text that is wrong, else nothing.
  Option& text(const char* name, std::string& field, const char* type, const char* help,
               std::function<std::string(const std::string&)> check = {});
  // One that may be given several times.
  Option& texts(const char* name, std::vector<std::string>& field, const char* type, const char* help);
  // One of an enum's values, or of some of them.
  template <Chosen Enum>
  Option& choice(const char* name, Enum& field, const char* help, std::vector<Enum> of = {}) {
    return add_choice(
        name, names_of(of), help, [&field] { return std::string(to_string(field)); },
        [&field](const std::string& text) { field = *choice_named<Enum>(text); });
  }
  // Any number of an enum's values.
  template <Chosen Enum>
  Option& choices(const char* name, std::vector<Enum>& field, const char* help) {
    return add_choice(
        name, names_of<Enum>({}), help, [] { return std::string(); },
        [&field](const std::string& text) { field.push_back(*choice_named<Enum>(text)); }, OptionKind::texts);
  }
  // A count that belongs to no field.
  Option& add_count(const char* name, Counts counts, const char* help, std::function<std::uint64_t()> get,
                    std::function<void(std::uint64_t)> set);

  void add(Option option) { options_.push_back(std::move(option)); }
  // One that was listed has this need.
  void need(std::string_view name, OptionNeed need);

  const std::vector<Option>& all() const { return options_; }
  // Null where there is none.
  const Option* find(std::string_view name) const;
  // Throws Error naming the flag of the first option whose field holds what it may not.
  void check() const;
  // Throws Error naming the flag of the first of those that given(name) are whose need is not met.
  void check_needs(const std::function<bool(std::string_view name)>& given) const;

 private:
  Option& add(const char* name, OptionKind kind, const char* type, const char* help);
  Option& add_real(const char* name, const Reals& reals, const char* help, std::function<double()> get,
                   std::function<void(double)> set);
  Option& add_choice(const char* name, std::vector<std::string> names, const char* help,
                     std::function<std::string()> get, std::function<void(const std::string&)> set,
                     OptionKind kind = OptionKind::text);
  template <Chosen Enum>
  static std::vector<std::string> names_of(const std::vector<Enum>& of) {
    std::vector<std::string> names;
    for (const auto& known : recur::choices<Enum>) {
      if (of.empty() || std::ranges::find(of, known.value) != of.end()) names.emplace_back(known.name);
    }
    return names;
  }

  const char* group_ = "";
  std::string prefix_;
  std::vector<Option> options_;
};

}  // namespace recur
