#include "cli/help.h"

#include <sstream>

namespace recur {

HelpFormatter::HelpFormatter() {
  column_width(24);
  label("SUBCOMMAND", "COMMAND");
  label("Positionals", "Arguments");
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  const std::string footer = app->get_footer();
  return app->get_description() + "\n\n" + make_usage(app, std::move(name)) + make_positionals(app) +
         make_subcommands(app, mode) + make_flags(app) + (footer.empty() ? "" : "\n" + footer + "\n");
}

std::string HelpFormatter::make_flags(const CLI::App* app) const {
  std::string text;
  for (const std::string& group : app->get_groups()) {
    const auto flags = app->get_options(
        [&group](const CLI::Option* option) { return option->get_group() == group && option->nonpositional(); });
    if (!flags.empty()) text += make_group(group, false, flags);
  }
  return text;
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0 || option->get_positional()) return "";  // a flag; an argument is its own name
  return " " + option->get_type_name();
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  const std::string& standard = option->get_default_str();
  return option->get_description() + (standard.empty() ? "" : " [" + standard + "]");
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  const std::string description = command->get_description();
  std::ostringstream line;
  CLI::detail::format_help(line, command->get_name(), description.substr(0, description.find('\n')),
                           get_column_width());
  return line.str();
}

}  // namespace recur
