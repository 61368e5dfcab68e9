#include "cli/config_file.h"

#include <fmt/format.h>

#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

constexpr std::uint64_t kLargest = 1 << 20;

std::string read_text(const std::string& path) {
  const InputFile file(path);
  if (file.size() > kLargest) fail("{}: expected a file of flags, got one of {} bytes", file.name(), file.size());
  std::string text(file.size(), '\0');
  text.resize(file.read(0, text));
  return text;
}

void apply(CLI::App& app, const CLI::ConfigItem& item, const std::string& path) {
  CLI::Option* option = item.parents.empty() ? app.get_option_no_throw("--" + item.name) : nullptr;
  if (option == nullptr || !option->get_configurable()) {
    throw CLI::ConfigError(fmt::format("{}: {}: not a flag that a file can set; expected lines such as hidden = 256",
                                       path, quote(item.parents.empty() ? item.name : item.parents.front())));
  }
  if (item.inputs.size() != 1) {
    throw CLI::ConfigError(fmt::format("{}: {}: expected one value, got {}; put quotes around a text", path,
                                       quote(item.name), item.inputs.size()));
  }
  if (option->count() > 0) return;
  try {
    const bool is_switch = option->get_expected_min() == 0;
    option->add_result(is_switch ? std::vector{CLI::ConfigTOML().to_flag(item)} : item.inputs);
    option->run_callback();
  } catch (const CLI::ParseError& error) {
    throw CLI::ConfigError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace

void apply_config(CLI::App& app, const std::string& path) {
  std::istringstream text(read_text(path));
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(text)) apply(app, item, path);
}

}  // namespace recur
