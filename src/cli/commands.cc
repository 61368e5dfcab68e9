#include "cli/commands.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <new>
#include <system_error>

#include "api/thread_limit.h"
#include "base/parse.h"
#include "base/show.h"
#include "base/threads.h"
#include "cli/parser.h"
#include "cli/terminal.h"
#include "cli/training_command.h"
#include "recur/program.h"

namespace recur {

void list_threads(OptionList& list) {
  list.group("Running");
  list.add_count("threads", {1, 1024}, "Threads; but for train embed the results are the same bits whatever it is",
                 thread_count, [](std::uint64_t count) { set_thread_count(count); })
      .standard = "every core";
}

void list_model(OptionList& list, std::string& path) {
  list.group("");
  Option& option = list.text("MODEL", path, "FILE", "The model file");
  option.argument = option.required = true;
}

void list_data(OptionList& list, std::string& path, const char* help) {
  list.text("data", path, "FILE", help).required = true;
}

void list_knobs(OptionList& list, std::vector<std::string>& settings) {
  list.texts("knob", settings, "NAME=NUMBER", "Of an effect: where a knob stands, for all of --data");
}

std::vector<Knob> parse_knobs(const std::vector<std::string>& settings) {
  std::vector<Knob> knobs;
  for (const std::string& setting : settings) {
    const std::size_t end = std::min(setting.find('='), setting.size());
    const auto value = parse_number<double>(std::string_view(setting).substr(std::min(end + 1, setting.size())));
    if (end == 0 || !value || !std::isfinite(*value)) {
      throw Misuse(
          fmt::format("--knob: expected the name of a knob and where it stands, as gain=0.7, got {}", quote(setting)));
    }
    knobs.push_back({setting.substr(0, end), *value});
  }
  return knobs;
}

WordVectors load_vectors(const std::string& path) {
  WordVectors vectors = WordVectors::load(path);
  if (!vectors.skipped().empty()) complain(fmt::format("{}: {}", path, vectors.skipped()));
  return vectors;
}

void check_other_file(const char* flag, const std::string& output, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (!std::filesystem::equivalent(output, input, ignored)) continue;
    throw Misuse(fmt::format("{}: would write over the input {}; give another name", flag, input));
  }
}

void check_other_output(const char* flag, const std::string& output, const std::string& other) {
  const auto place = [](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
  };
  if (output.empty() || other.empty() || place(output) != place(other)) return;
  throw Misuse(fmt::format("{}: {} is written already; give another name", flag, other));
}

int run_program(int argc, const char* const* argv) {
  try {
    prepare_standard_streams();
    start_time_limit();
    const ThreadLimit before(0);  // puts back what --threads changes
    Command program{"recur", "recur trains, inspects and runs recurrent neural networks.",
                    "A first hour:\n"
                    "  recur train lm --data book.txt --out book.safetensors\n"
                    "  recur sample book.safetensors --prompt \"In the \" --length 500\n"
                    "  recur eval book.safetensors --data other.txt\n"
                    "  recur train lm --resume --out book.safetensors --epochs 20"};
    program.commands = {train_command(),   eval_command(),    predict_command(),    sample_command(),
                        rescore_command(), info_command(),    inspect_command(),    states_command(),
                        nearest_command(), average_command(), neighbours_command(), analogy_command(),
                        cells_command(),   presets_command(), bench_command()};
    return run_command_line(program, argc, argv);
  } catch (const Misuse& misuse) {
    complain(misuse.what());
    return kMisused;
  } catch (const OutputClosed&) {
    return kDone;
  } catch (const std::bad_alloc&) {
    complain("not enough memory");
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return kFailed;
}

}  // namespace recur
