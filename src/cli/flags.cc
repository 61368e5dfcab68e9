#include "cli/flags.h"

#include <charconv>
#include <cmath>

#include "base/threads.h"
#include "cli/shield.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

constexpr std::uint64_t kMostThreads = 1024;

template <class T>
bool parse_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void refuse(const std::string& flag, std::string_view expected, std::string_view text) {
  throw CLI::ValidationError(flag, fmt::format("expected {}, got {}", expected, quote(text)));
}

double parse_real(const std::string& flag, const std::string& text, const Numbers& numbers) {
  double value = 0;
  if (!parse_whole(text, value) || !std::isfinite(static_cast<float>(value)) || !numbers.contains(value)) {
    refuse(flag, numbers.name, text);
  }
  return value;
}

std::uint64_t parse_count(const std::string& flag, const std::string& text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  if (parse_whole(text, value) && value >= least && value <= most) return value;
  const bool bounded = most < std::numeric_limits<std::uint32_t>::max();
  refuse(flag,
         bounded ? fmt::format("a whole number from {} to {}", least, most)
                 : fmt::format("a whole number of at least {}", least),
         text);
}

double parse_seconds(const std::string& flag, const std::string& text) {
  constexpr std::pair<char, double> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
  std::string_view number = text;
  double unit = 1;
  for (const auto& [letter, seconds] : kUnits) {
    if (!number.ends_with(letter)) continue;
    number.remove_suffix(1);
    unit = seconds;
    break;
  }
  double value = 0;
  if (!parse_whole(number, value) || !(value >= 0) || !std::isfinite(value * unit)) {
    refuse(flag, "a time such as 90, 90s, 10m or 2h", text);
  }
  return value * unit;
}

CLI::Option* add_flag_with_value(CLI::App& app, const std::string& flag, const char* type, const std::string& help,
                                 std::function<void(const std::string&)> set, const std::string& standard) {
  const auto read = [set = std::move(set)](const CLI::results_t& results) {
    set(unshield(results.back()));
    return true;
  };
  return app.add_option(flag, read, help)->type_name(type)->default_str(standard)->take_last();
}

CLI::Option* add_text(CLI::App& app, const std::string& flag, const char* type, std::string& field,
                      const std::string& help) {
  return add_flag_with_value(
      app, flag, type, help, [&field](const std::string& text) { field = text; }, field);
}

CLI::Option* add_switch(CLI::App& app, const std::string& flag, bool& field, const std::string& help) {
  const auto check = [](const std::string& text) {
    return std::string(text == "true" || text == "false" ? "" : "expected no value, or true or false");
  };
  return app.add_flag(flag, field, help)->check(check, "")->take_last();
}

void add_threads(CLI::App& app) {
  const auto set = [](const std::string& text) {
    set_thread_count(static_cast<std::size_t>(parse_count("--threads", text, 1, kMostThreads)));
  };
  add_flag_with_value(app, "--threads", "N", "Threads; the results are the same bits whatever it is [every core]", set)
      ->group("Running");
}

}  // namespace recur
