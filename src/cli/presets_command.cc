// recur presets: the systems of papers by name.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "recur/types/presets.h"

namespace recur {
namespace {

std::string flags_of(const Preset& preset) {
  std::string line = "   ", text;
  for (const auto& [name, value] : preset.options) {
    const std::string flag = fmt::format(" --{}{}{}", name, value == "true" ? "" : " ", value == "true" ? "" : value);
    if (line.size() + flag.size() > 118) {
      text += line + "\n";
      line = "   ";
    }
    line += flag;
  }
  return text + line + "\n";
}

int list_presets() {
  for (const Preset& preset : all_presets()) {
    write_out(fmt::format("{}  (recur train {})\n    {}\n    for {}\n", preset.name, preset.task, preset.source,
                          preset.data));
    if (!preset.differs.empty()) write_out(fmt::format("    differs: {}\n", preset.differs));
    write_out(flags_of(preset) + "\n");
  }
  return kDone;
}

}  // namespace

Command presets_command() {
  Command command{
      "presets",
      "List the systems of papers that --preset NAME of recur train sets\n"
      "\n"
      "Of each: its task, who published it, what data it was made for, in what it differs from the paper, and\n"
      "the flags that it stands for. Flags that are given besides win over them; what neither says is as without a\n"
      "preset: a rate falls along a cosine.",
      "Example:\n  recur train lm --preset zaremba-2014-small --data ptb.train.txt --valid ptb.valid.txt"};
  command.run = [](const Given&) { return list_presets(); };
  return command;
}

}  // namespace recur
