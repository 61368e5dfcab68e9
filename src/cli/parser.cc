#include "cli/parser.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <memory>
#include <new>
#include <sstream>

#include "base/error.h"
#include "base/show.h"
#include "cli/config_file.h"
#include "cli/shield.h"
#include "cli/terminal.h"
#include "recur/types/presets.h"

namespace recur {
namespace {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(24);
    label("SUBCOMMAND", "COMMAND");
    label("Positionals", "Arguments");
  }

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    const std::string footer = app->get_footer();
    return app->get_description() + "\n\n" + make_usage(app, std::move(name)) + make_positionals(app) +
           make_subcommands(app, mode) + make_flags(app) + (footer.empty() ? "" : "\n" + footer + "\n");
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0 || option->get_positional()) return "";  // a flag; an argument is its own name
    return " " + option->get_type_name();
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    const std::string& standard = option->get_default_str();
    return option->get_description() + (standard.empty() ? "" : " [" + standard + "]");
  }

  std::string make_subcommand(const CLI::App* command) const override {
    const std::string description = command->get_description();
    std::ostringstream line;
    CLI::detail::format_help(line, command->get_name(), description.substr(0, description.find('\n')),
                             get_column_width());
    return line.str();
  }

 private:
  static bool is_flag(const CLI::Option* option) { return option->nonpositional(); }
  std::string make_flags(const CLI::App* app) const {
    std::string text;
    for (const std::string& group : app->get_groups()) {
      const auto flags = app->get_options(
          [&group](const CLI::Option* option) { return option->get_group() == group && is_flag(option); });
      if (!flags.empty()) text += make_group(group, false, flags);
    }
    return text;
  }
};

// The parsers of a command and of those below it, and what the user gave it.
struct Node {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  Given given;
  std::deque<std::string> switches;  // "true" or what stands after =, where one was given
  std::deque<Node> commands;
};

std::string help_of(const Option& option) {
  return option.names.empty() ? option.help : fmt::format("{}: {}", option.help, fmt::join(option.names, ", "));
}

// Takes the texts of an option as they are read. Throws Misuse.
void take(Node& node, const Option& option, const CLI::results_t& texts, bool of_preset = false) {
  const std::string_view type = option.type;
  const bool file = type.starts_with("FILE") || type == "MODEL";
  const std::string flag = (option.argument ? "" : "--") + option.name;
  if (file && std::ranges::find(texts, "") != texts.end()) {
    throw Misuse(fmt::format("{}: expected the name of a file, got nothing", flag));
  }
  if (option.once && texts.size() > 1) {
    throw Misuse(fmt::format("{}: takes one file, got {} and {}", flag, quote(texts[0]), quote(texts[1])));
  }
  const std::size_t first = option.kind == OptionKind::texts ? 0 : texts.size() - 1;
  for (std::size_t i = first; i < texts.size(); ++i) {
    set_option(option, texts[i]);
    node.given.add(option, texts[i], of_preset);
  }
}

void add_option(Node& node, const Option& option) {
  const std::string name = (option.argument ? "" : "--") + option.name;
  CLI::Option* added = nullptr;
  if (option.kind == OptionKind::flag) {
    added = node.app->add_flag(name, node.switches.emplace_back(), option.help);
    added->take_last();
    const bool told = std::string_view(option.help).find("=false") != std::string_view::npos;
    if (to_text(option.get()) == "true") added->default_str(told ? "on" : "on; --" + option.name + "=false");
  } else {
    const auto read = [&node, &option](const CLI::results_t& shielded) {
      CLI::results_t texts;
      for (const std::string& text : shielded) texts.push_back(unshield(text));
      take(node, option, texts);
      return true;
    };
    added = node.app->add_option(name, read, help_of(option))->type_name(option.type)->default_str(option.standard);
    if (option.kind != OptionKind::texts) {
      added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);  // take() goes by the last
    } else if (option.argument) {
      added->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
    } else {
      added->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(false);
    }
  }
  if (*option.group != '\0') added->group(option.group);
  added->required(option.required);
}

// A command below is filled when it is come to: to fill all took two thirds of the instructions of a program's start.
void fill(Node& node, const Command& command) {
  node.command = &command;
  for (const Option& option : command.options.all()) add_option(node, option);
  for (const Command& below : command.commands) {
    Node& child = node.commands.emplace_back();
    child.app = node.app->add_subcommand(below.name, below.description)->footer(below.examples);
    child.app->group(command.heading);
    child.app->preparse_callback([&child, &below](std::size_t) { fill(child, below); });
  }
}

// CLI11 calls nobody for a switch.
void take_switches(Node& node) {
  std::size_t next = 0;
  for (const Option& option : node.command->options.all()) {
    if (option.kind != OptionKind::flag) continue;
    const std::string& text = node.switches[next++];
    if (!text.empty()) take(node, option, {unshield(text)});
  }
}

void read_config(Node& node) {
  const OptionList& options = node.command->options;
  const Option* config = options.find("config");
  if (config == nullptr || !node.given.has("config")) return;
  const Given on_command_line = node.given;
  ConfigReader reader;
  reader.knows = [&](const std::string& name) {
    const Option* option = options.find(name);
    return option != nullptr && !option->argument && option != config;
  };
  reader.use = [&](const std::string& name, const std::string& value) {
    if (!on_command_line.has(name)) take(node, *options.find(name), {value});
  };
  read_config(to_text(config->get()), reader);
}

const Preset& preset_of(const Node& node) {
  try {
    return find_preset(to_text(node.command->options.find("preset")->get()), node.command->name);
  } catch (const Error& error) {
    throw Misuse(error.what());
  }
}

// The options of a named system, under what was given.
void read_preset(Node& node) {
  const OptionList& options = node.command->options;
  if (!node.given.has("preset")) return;
  const Given before = node.given;
  for (const auto& [name, value] : preset_of(node).options) {
    if (!before.has(name)) take(node, *options.find(std::string(name)), {std::string(value)}, true);
  }
}

// The command that the user has come to.
Node& given_node(Node& node) {
  for (Node& below : node.commands) {
    if (below.app->parsed()) return given_node(below);
  }
  return node;
}

std::string name_of(const Node& node) {
  std::string names = node.app->get_name();
  for (const CLI::App* app = node.app->get_parent(); app != nullptr; app = app->get_parent()) {
    names = app->get_name() + " " + names;
  }
  return names;
}

// CLI11's message, or a plainer one.
std::string explain(const CLI::App& program, const Node& node, const CLI::ParseError& error) {
  const std::string message = error.what();
  const std::vector<std::string> rest = program.remaining(true);
  const auto unknown = std::ranges::find_if(rest, [](const std::string& text) { return text.starts_with('-'); });
  const bool needs = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (needs && unknown != rest.end()) return fmt::format("unknown option {}", quote(unshield(*unknown)));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return fmt::format("{}: expected a value, got none", message.substr(0, message.find(':')));
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) return message;
  const std::string extra = unshield(rest.front());
  if (extra.starts_with('-')) return fmt::format("unknown option {}", quote(extra));
  std::vector<std::string> choices;
  for (const Command& command : node.command->commands) choices.push_back(command.name);
  if (choices.empty()) return fmt::format("unexpected argument {}", quote(extra));
  return fmt::format("unknown command {}; expected one of {}", quote(extra), fmt::join(choices, ", "));
}

// Which of its flags would let a command do with less.
std::string out_of_memory(const Command& command) {
  std::string flags;
  for (const char* name : {"hidden", "batch", "batch-tokens", "context", "unroll", "max-length", "max-vocab"}) {
    if (command.options.find(name) != nullptr) flags += fmt::format("{}--{}", flags.empty() ? "" : ", ", name);
  }
  if (flags.empty()) return "not enough memory; a smaller model or less data needs less";
  const std::size_t last = flags.rfind(", ");
  if (last != flags.npos) flags.replace(last, 2, " or ");
  return fmt::format("not enough memory; a smaller {} needs less", flags);
}

int run(Node& node) {
  if (!node.command->run) {
    const CLI::App* parent = node.app->get_parent();
    say(node.app->help(parent == nullptr ? "" : parent->get_name()));
    return kMisused;
  }
  take_switches(node);
  read_config(node);
  read_preset(node);
  return node.command->run(node.given);
}

}  // namespace

int run_command_line(const Command& program, int argc, const char* const* argv) {
  CLI::App app(program.description, program.name);
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "recur " RECUR_VERSION, "Print the version");
  app.set_help_flag("-h,--help", "Print this help; every command has its own");
  app.require_subcommand(0, 1);  // what comes after a command is its argument, though it be called as another one
  Node root;
  root.app = &app;
  fill(root, program);
  app.footer(program.examples);  // last: commands take over what the program has when they are added
  const auto misused = [&](const std::string& message) {
    return Misuse(fmt::format("{}; see {} --help", message, name_of(given_node(root))));
  };
  try {
    std::vector<std::string> arguments;
    for (int i = argc; --i > 0;) arguments.push_back(shield_argument(argv[i]));  // CLI11 takes them from the back
    app.parse(std::move(arguments));
    return run(given_node(root));
  } catch (const std::bad_alloc&) {
    throw Error(out_of_memory(*given_node(root).command));
  } catch (const CLI::CallForHelp&) {
    write_out(app.help());
  } catch (const CLI::CallForVersion& version) {
    write_out(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    throw misused(explain(app, given_node(root), error));
  } catch (const Misuse& misuse) {
    throw misused(misuse.what());
  } catch (const Error& error) {
    const std::string message = error.what();
    if (!message.starts_with("--")) throw;
    throw misused(message);  // the library begins so when an option makes no sense
  }
  return kDone;
}

}  // namespace recur
