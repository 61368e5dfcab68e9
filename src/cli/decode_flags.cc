#include "cli/decode_flags.h"

#include <fmt/format.h>

#include "base/error.h"
#include "cli/flags.h"
#include "cli/terminal.h"

namespace recur {

void add_decode_flags(CLI::App& parser, DecodeOptions& options) {
  add_count(parser, "--beam", options.beam, 1, "Beginnings of an output that are followed at once; 1: greedy", 1000)
      ->group(kDecodeGroup);
  add_real(parser, "--length-penalty", options.length_penalty, kNotNegative,
           "Outputs are compared by log probability / tokens^X")
      ->group(kDecodeGroup);
  add_count(parser, "--max-output", options.max_output, 0,
            "Tokens of an output at most; 0: as many as the training data has, and more", 1'000'000)
      ->group(kDecodeGroup);
}

void say_cut_outputs(const std::string& data, std::size_t count) {
  if (count == 0) return;
  complain(fmt::format("{}: {} outputs were cut before they had ended; --max-output N lets them be longer", data,
                       with_thousands(count)));
}

void check_decode_flags(const CLI::App& parser, std::string_view task) {
  if (task == "translate") return;
  for (const CLI::Option* option : parser.get_options()) {
    if (option->get_group() == kDecodeGroup && option->count() > 0) {
      fail("{}: only a model of the task translate has a use for it; this one's task is {}", option->get_name(), task);
    }
  }
}

}  // namespace recur
