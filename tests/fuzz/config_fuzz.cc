// Any bytes as a file of flags, --config, of each of the commands that take one; the first byte chooses which.
// recur::Error and CLI::ParseError are the only ways out but success.
#include <cstdint>

#include "cli/commands.h"
#include "cli/config_file.h"
#include "memory_file.h"
#include "recur/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr recur::Command (*kCommands[])(CLI::App&) = {recur::add_train_language_model, recur::add_train_classify,
                                                        recur::add_train_tag, recur::add_train_translate};
  CLI::App program("recur", "recur");
  const recur::Command command = kCommands[data[0] % std::size(kCommands)](program);
  const recur::MemoryFile file(std::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  try {
    recur::apply_config(*command.parser, file.path());
  } catch (const recur::Error&) {
  } catch (const CLI::ParseError&) {
  }
  return 0;
}
