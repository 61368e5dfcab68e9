// Flags with a value, checked as they are read: a value that makes no sense throws CLI::ValidationError, which says
// what was expected. The field that a flag writes holds its default.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// "--name": expected ..., got "text".
[[noreturn]] void refuse(const std::string& flag, std::string_view expected, std::string_view text);

// A set of numbers and its name.
struct Numbers {
  const char* name;
  bool (*contains)(double);
};
inline constexpr Numbers kShare = {"a number from 0 to below 1", [](double x) { return x >= 0 && x < 1; }};
inline constexpr Numbers kProbability = {"a number above 0 and at most 1", [](double x) { return x > 0 && x <= 1; }};
inline constexpr Numbers kFraction = {"a number from 0 to 1", [](double x) { return x >= 0 && x <= 1; }};
inline constexpr Numbers kPositive = {"a number above 0", [](double x) { return x > 0; }};
inline constexpr Numbers kNotNegative = {"a number of at least 0", [](double x) { return x >= 0; }};

double parse_real(const std::string& flag, const std::string& text, const Numbers& numbers);
std::uint64_t parse_count(const std::string& flag, const std::string& text, std::uint64_t least, std::uint64_t most);
// Seconds: 90, 90s, 10m, 2h.
double parse_seconds(const std::string& flag, const std::string& text);

// `type` is how the help calls the value. A flag that is given twice has the last value.
CLI::Option* add_flag_with_value(CLI::App& app, const std::string& flag, const char* type, const std::string& help,
                                 std::function<void(const std::string&)> set, const std::string& standard = "");

CLI::Option* add_text(CLI::App& app, const std::string& flag, const char* type, std::string& field,
                      const std::string& help);

template <class T>
CLI::Option* add_real(CLI::App& app, const std::string& flag, T& field, const Numbers& numbers,
                      const std::string& help) {
  const auto set = [=, &field](const std::string& text) { field = static_cast<T>(parse_real(flag, text, numbers)); };
  return add_flag_with_value(app, flag, "X", help, set, fmt::format("{}", field));
}

template <class T>
CLI::Option* add_count(CLI::App& app, const std::string& flag, T& field, std::uint64_t least, const std::string& help,
                       std::uint64_t most = std::numeric_limits<T>::max()) {
  const auto set = [=, &field](const std::string& text) {
    field = static_cast<T>(parse_count(flag, text, least, most));
  };
  return add_flag_with_value(app, flag, "N", help, set, std::to_string(field));
}

// One of an enum's names, as to_string() writes them.
template <class Kind, std::size_t count>
CLI::Option* add_choice(CLI::App& app, const std::string& flag, Kind& field, const Kind (&kinds)[count],
                        const std::string& help) {
  std::string names;
  for (const Kind kind : kinds) names += (names.empty() ? "" : ", ") + std::string(to_string(kind));
  const std::vector<Kind> all(kinds, kinds + count);
  const auto set = [=, &field](const std::string& text) {
    for (const Kind kind : all) {
      if (to_string(kind) == text) {
        field = kind;
        return;
      }
    }
    refuse(flag, "one of " + names, text);
  };
  return add_flag_with_value(app, flag, "NAME", help + ": " + names, set, std::string(to_string(field)));
}

// A flag without a value; a configuration file may say true or false.
CLI::Option* add_switch(CLI::App& app, const std::string& flag, bool& field, const std::string& help);

// --threads: sets how many the library uses; by default every core.
void add_threads(CLI::App& app);

}  // namespace recur
