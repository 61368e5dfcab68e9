// Any bytes as a file of flags, --config, of each of the tasks of recur train; the first byte chooses which.
// recur::Error and Misuse are the only ways out but success.
#include <array>
#include <cstdint>

#include "cli/commands.h"
#include "cli/parser.h"
#include "memory_file.h"
#include "recur/types/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<recur::Command> tasks = recur::train_command().commands;
  recur::Command command = tasks[data[0] % tasks.size()];
  command.run = [run = command.run](const recur::Given&) {
    return recur::kDone;
  };  // the flags write into what it keeps
  const recur::MemoryFile file(std::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  const std::string path = file.path();
  const std::array<const char*, 3> arguments = {"train", "--config", path.c_str()};
  try {
    recur::run_command_line(command, static_cast<int>(arguments.size()), arguments.data());
  } catch (const recur::Error&) {
  } catch (const recur::Misuse&) {
  }
  return 0;
}
