#include "cli/sample_interactive.h"

#include <unistd.h>

#include "api/conversation.h"
#include "base/line_blocks.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "data/line_reader.h"
#include "recur/types/error.h"

namespace recur {

int sample_interactive(const Model& model, const Generation& options, const std::string& condition) {
  Conversation conversation(model, options, condition);
  const bool asks = ::isatty(STDIN_FILENO) != 0 && error_is_terminal();
  int code = kDone;
  LineBlocks input("-");
  for (;;) {
    if (asks) say("> ");
    const auto block = input.next();
    if (!block) break;
    LineReader lines(*block);
    while (lines.next()) {
      try {
        conversation.answer(lines.line(), write_out);
      } catch (const Error& error) {
        complain(error.what());
        code = kFailed;
      }
      write_out("\n");
    }
  }
  if (asks) say("\n");
  return code;
}

}  // namespace recur
