#include "cli/commands.h"

#include <fmt/format.h>

#include <csignal>
#include <new>

#include "cli/help.h"
#include "cli/shield.h"
#include "cli/terminal.h"
#include "data/vocabulary.h"
#include "recur/program.h"

namespace recur {
namespace {

constexpr std::array kCommands = {add_train, add_eval,    add_predict, add_sample,
                                  add_info,  add_inspect, add_cells,   add_bench};

// The command that the user has come to: "recur train lm".
std::string given_command(const CLI::App& program) {
  std::string names = program.get_name();
  for (const CLI::App* app = &program; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    names += " " + app->get_name();
  }
  return names;
}

// CLI11's message, or a plainer one.
std::string explain(const CLI::App& program, const CLI::ParseError& error) {
  const std::string message = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return fmt::format("{}: expected a value, got none", message.substr(0, message.find(':')));
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) return message;
  const std::string extra = unshield(program.remaining(true).front());
  if (extra.starts_with('-')) return fmt::format("unknown option {}", quote(extra));
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  std::string choices;
  for (const CLI::App* command : app->get_subcommands({})) {
    choices += (choices.empty() ? "" : ", ") + command->get_name();
  }
  if (choices.empty()) return fmt::format("unexpected argument {}", quote(extra));
  return fmt::format("unknown command {}; expected one of {}", quote(extra), choices);
}

}  // namespace

int run_given(const CLI::App& parser, const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    if (command.parser->parsed()) return command.run();
  }
  say(parser.help(parser.get_parent() == nullptr ? "" : parser.get_parent()->get_name()));
  return kMisused;
}

int run_program(int argc, const char* const* argv) {
  prepare_standard_streams();
  CLI::App program("recur trains, inspects and runs recurrent neural networks.", "recur");
  program.formatter(std::make_shared<HelpFormatter>());
  program.set_version_flag("--version", "recur " RECUR_VERSION, "Print the version");
  program.set_help_flag("-h,--help", "Print this help; every command has its own");
  program.require_subcommand(0, 1);  // what comes after a command is its argument, though it be called as another one
  std::vector<Command> commands;
  for (const auto& add : kCommands) {
    commands.push_back(add(program));
    commands.back().parser->group("Commands");
  }
  // Last: commands take over what the program has when they are added.
  program.footer(
      "A first hour:\n"
      "  recur train lm --data book.txt --out book.safetensors\n"
      "  recur sample book.safetensors --prompt \"In the \" --length 500\n"
      "  recur eval book.safetensors --data other.txt\n"
      "  recur train lm --resume --out book.safetensors --epochs 20");
  try {
    try {
      std::vector<std::string> arguments;
      for (int i = argc; --i > 0;) arguments.push_back(shield_argument(argv[i]));  // CLI11 takes them from the back
      program.parse(std::move(arguments));
      return run_given(program, commands);
    } catch (const CLI::CallForHelp&) {
      write_out(program.help());
    } catch (const CLI::CallForVersion& version) {
      write_out(std::string(version.what()) + "\n");
    }
    return kDone;
  } catch (const CLI::ParseError& error) {
    complain(fmt::format("{}; see {} --help", explain(program, error), given_command(program)));
    return kMisused;
  } catch (const OutputClosed&) {
    return kDone;
  } catch (const std::bad_alloc&) {
    complain("not enough memory; a smaller --hidden, --batch, --unroll or --max-vocab needs less");
    return kFailed;
  } catch (const std::exception& error) {
    const std::string message = error.what();
    const bool flag = message.starts_with("--");  // the library begins so when an option makes no sense
    complain(flag ? fmt::format("{}; see {} --help", message, given_command(program)) : message);
    return flag ? kMisused : kFailed;
  }
}

}  // namespace recur
