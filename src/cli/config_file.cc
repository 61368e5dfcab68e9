#include "cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/command.h"
#include "data/line_reader.h"

namespace recur {
namespace {

constexpr std::uint64_t kLargest = 1 << 20;
constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

bool is_empty_or_comment(std::string_view text) { return text.empty() || text[0] == '#' || text[0] == ';'; }

// Of a value: the place behind its closing quote, or of the first blank.
std::size_t end_of_value(std::string_view text) {
  const char quote = text.empty() ? '\0' : text[0];
  if (quote != '"' && quote != '\'') return std::min(text.find_first_of(kBlanks), text.size());
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1;
    if (text[i] == '\\' && quote == '"') ++i;
  }
  return text.size();
}

// The one value that `text`, without blanks around it, holds.
std::optional<std::string> value_of(std::string_view text) {
  const std::size_t end = end_of_value(text);
  if (!is_empty_or_comment(trimmed(text.substr(end)))) return {};
  const std::string_view value = text.substr(0, end);
  if (value.starts_with('"')) {
    const nlohmann::json string = nlohmann::json::parse(value, nullptr, false);
    return string.is_string() ? std::optional(string.get<std::string>()) : std::nullopt;
  }
  if (value.starts_with('\'')) {
    if (value.size() < 2 || !value.ends_with('\'')) return {};
    return std::string(value.substr(1, value.size() - 2));
  }
  if (value.empty() || value.find_first_of("\"'#;,[]{}\\") != value.npos) return {};
  return std::string(value);
}

void read_line(std::string_view line, std::set<std::string>& names, const ConfigReader& reader) {
  const std::size_t equals = std::min(line.find('='), line.size());
  const std::string name(trimmed(line.substr(0, equals)));
  if (!reader.knows(name)) {
    throw Misuse(fmt::format("{}: not a flag that a file can set; expected lines such as hidden = 256", quote(name)));
  }
  const std::optional<std::string> value = value_of(trimmed(line.substr(std::min(equals + 1, line.size()))));
  if (!value) throw Misuse(fmt::format("{}: expected one value; put quotes around a text", quote(name)));
  if (!names.insert(name).second) throw Misuse(fmt::format("{} is given twice", quote(name)));
  reader.use(name, *value);
}

}  // namespace

void read_config(const std::string& path, const ConfigReader& reader) {
  const InputFile file(path);
  if (file.size() > kLargest) fail("{}: expected a file of flags, got one of {} bytes", file.name(), file.size());
  std::set<std::string> names;  // that the file has given
  for (LineReader lines(file); lines.next();) {
    const std::string_view line = trimmed(lines.line());
    if (is_empty_or_comment(line)) continue;
    try {
      read_line(line, names, reader);
    } catch (const Misuse& misuse) {
      throw Misuse(fmt::format("{}: line {}: {}", file.name(), lines.number(), misuse.what()));
    }
  }
}

}  // namespace recur
