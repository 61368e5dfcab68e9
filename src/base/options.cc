#include "recur/types/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"

namespace recur {
namespace {

std::optional<double> parse_seconds(std::string_view text) {
  constexpr std::pair<char, double> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
  double unit = 1;
  for (const auto& [letter, seconds] : kUnits) {
    if (!text.ends_with(letter)) continue;
    text.remove_suffix(1);
    unit = seconds;
    break;
  }
  const auto value = parse_number<double>(text);
  return value ? std::optional(*value * unit) : std::nullopt;
}

// A number as a double; NaN, which no set of numbers contains, for what is none.
double number_of(const OptionValue& value) {
  if (const auto* whole = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&value);
  return real == nullptr ? NAN : *real;
}

// Of numbers that a float holds: that is what most of them become.
bool is_one_of(const Reals& reals, double x) {
  const auto narrow = static_cast<float>(x);
  return std::isfinite(narrow) && reals.contains(x) && reals.contains(static_cast<double>(narrow));
}

std::string expected_count(const Counts& counts) {
  return counts.most < std::numeric_limits<std::uint32_t>::max()
             ? fmt::format("a whole number from {} to {}", counts.least, counts.most)
             : fmt::format("a whole number of at least {}", counts.least);
}

struct ToText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const std::string& text) const { return text; }
  // As one writes it: 0.1, not the 0.10000000149011612 that a float of 0.1 is.
  std::string operator()(double x) const { return fmt::format("{}", static_cast<float>(x)); }
  std::string operator()(auto x) const { return fmt::format("{}", x); }
};

}  // namespace

OptionValue Option::parse(std::string_view text) const {
  const auto value = [&](const auto& parsed) { return parsed ? OptionValue(*parsed) : std::string(text); };
  switch (kind) {
    case OptionKind::flag:
      if (text == "true" || text == "false") return text == "true";
      break;
    case OptionKind::count:
      return value(parse_number<std::uint64_t>(text));
    case OptionKind::real:
      return value(parse_number<double>(text));
    case OptionKind::seconds:
      return value(parse_seconds(text));
    case OptionKind::text:
    case OptionKind::texts:
      break;
  }
  return std::string(text);
}

std::string to_text(const OptionValue& value) { return std::visit(ToText(), value); }

std::string quote_text(const OptionValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? quote(*text) : to_text(value);
}

Option& OptionList::add(const char* name, OptionKind kind, const char* type, const char* help) {
  Option& option = options_.emplace_back();
  option.name = prefix_ + name;
  option.group = group_;
  option.help = help;
  option.type = type;
  option.kind = kind;
  return option;
}

Option& OptionList::flag(const char* name, bool& field, const char* help) {
  Option& option = add(name, OptionKind::flag, "", help);
  option.get = [&field] { return field; };
  option.set = [&field](const OptionValue& value) -> std::string {
    if (!std::holds_alternative<bool>(value)) return "no value, or true or false";
    field = std::get<bool>(value);
    return "";
  };
  return option;
}

Option& OptionList::add_count(const char* name, Counts counts, const char* help, std::function<std::uint64_t()> get,
                              std::function<void(std::uint64_t)> set) {
  Option& option = add(name, OptionKind::count, "N", help);
  option.get = [get = std::move(get)] { return get(); };
  option.set = [counts, set = std::move(set)](const OptionValue& value) -> std::string {
    const auto* count = std::get_if<std::uint64_t>(&value);
    if (count == nullptr || *count < counts.least || *count > counts.most) return expected_count(counts);
    set(*count);
    return "";
  };
  option.standard = to_text(option.get());
  return option;
}

Option& OptionList::add_real(const char* name, const Reals& reals, const char* help, std::function<double()> get,
                             std::function<void(double)> set) {
  Option& option = add(name, OptionKind::real, "X", help);
  option.get = [get = std::move(get)] { return get(); };
  option.set = [reals, set = std::move(set)](const OptionValue& value) -> std::string {
    const double number = number_of(value);
    if (!is_one_of(reals, number)) return reals.name;
    set(number);
    return "";
  };
  option.standard = to_text(option.get());
  return option;
}

Option& OptionList::real(const char* name, std::optional<float>& field, const Reals& reals, const char* help,
                         const char* standard) {
  Option& option = add(name, OptionKind::real, "X", help);
  option.get = [&field] { return field ? OptionValue(static_cast<double>(*field)) : OptionValue(); };
  option.set = [&field, reals](const OptionValue& value) -> std::string {
    if (std::holds_alternative<std::monostate>(value)) return field.reset(), "";
    const double number = number_of(value);
    if (!is_one_of(reals, number)) return reals.name;
    field = static_cast<float>(number);
    return "";
  };
  option.standard = standard;
  return option;
}

Option& OptionList::seconds(const char* name, double& field, const char* help) {
  Option& option = add(name, OptionKind::seconds, "TIME", help);
  option.get = [&field] { return field; };
  option.set = [&field](const OptionValue& value) -> std::string {
    const double number = number_of(value);
    if (!is_one_of(kNotNegative, number)) return "a time such as 90, 90s, 10m or 2h";
    field = number;
    return "";
  };
  option.standard = to_text(field);
  return option;
}

Option& OptionList::text(const char* name, std::string& field, const char* type, const char* help,
                         std::function<std::string(const std::string&)> check) {
  Option& option = add(name, OptionKind::text, type, help);
  option.get = [&field] { return field; };
  option.set = [&field, check = std::move(check)](const OptionValue& value) -> std::string {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return "a text";
    const std::string expected = check ? check(*text) : "";
    if (expected.empty()) field = *text;
    return expected;
  };
  option.standard = field;
  return option;
}

Option& OptionList::texts(const char* name, std::vector<std::string>& field, const char* type, const char* help) {
  Option& option = add(name, OptionKind::texts, type, help);
  option.get = [&field] { return fmt::format("{}", fmt::join(field, ",")); };
  option.set = [&field](const OptionValue& value) -> std::string {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return "a text";
    field.push_back(*text);
    return "";
  };
  return option;
}

Option& OptionList::add_choice(const char* name, std::vector<std::string> names, const char* help,
                               std::function<std::string()> get, std::function<void(const std::string&)> set,
                               OptionKind kind) {
  Option& option = add(name, kind, "NAME", help);
  option.get = [get = std::move(get)] { return get(); };
  option.set = [names, set = std::move(set)](const OptionValue& value) -> std::string {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr || std::ranges::find(names, *text) == names.end()) {
      return fmt::format("one of {}", fmt::join(names, ", "));
    }
    set(*text);
    return "";
  };
  option.standard = to_text(option.get());
  option.names = std::move(names);
  return option;
}

const Option* OptionList::find(std::string_view name) const {
  const auto option = std::ranges::find(options_, name, &Option::name);
  return option == options_.end() ? nullptr : &*option;
}

void OptionList::need(std::string_view name, OptionNeed need) {
  need.name = prefix_ + need.name;
  std::ranges::find(options_, prefix_ + std::string(name), &Option::name)->need = std::move(need);
}

namespace {

bool is_met(const OptionNeed& need, const Option& other) {
  const OptionValue now = other.get();
  if (need.least > 0) return std::get<std::uint64_t>(now) >= need.least;
  if (!need.but.empty()) return to_text(now) != need.but;
  if (!need.values.empty()) return std::ranges::find(need.values, to_text(now)) != need.values.end();
  return other.kind == OptionKind::flag ? std::get<bool>(now) : to_text(now) != other.standard;
}

std::string text_of(const OptionNeed& need, const Option& other) {
  if (need.least > 0) return fmt::format("--{} {} or more", need.name, need.least);
  if (!need.but.empty() && other.kind == OptionKind::flag) return fmt::format("--{}=false", need.name);
  if (!need.but.empty()) return fmt::format("another --{} than {}", need.name, need.but);
  return fmt::format("--{}{}{}", need.name, need.values.empty() ? "" : " ", fmt::join(need.values, " or "));
}

}  // namespace

void OptionList::check_needs(const std::function<bool(std::string_view name)>& given) const {
  for (const Option& option : options_) {
    if (!option.need || !given(option.name)) continue;
    const bool turned_off = option.kind == OptionKind::flag && !std::get<bool>(option.get());
    const Option& other = *find(option.need->name);
    if (turned_off || is_met(*option.need, other)) continue;
    fail("--{}: only goes with {}", option.name, text_of(*option.need, other));
  }
}

void OptionList::check() const {
  for (const Option& option : options_) {
    if (option.kind == OptionKind::texts) continue;
    const OptionValue value = option.get();
    const std::string expected = option.set(value);
    if (expected.empty()) continue;
    fail("--{}: expected {}, got {}", option.name, expected, quote_text(value));
  }
}

}  // namespace recur
