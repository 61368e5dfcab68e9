#include "cli/sample_interactive.h"

#include <unistd.h>

#include "api/conversation.h"
#include "base/line_blocks.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "data/line_reader.h"
#include "recur/types/error.h"
#include "recur/types/recipe.h"

namespace recur {

int sample_interactive(const Model& model, const Generation& options, const std::string& condition, bool line_ends) {
  // Of an endless text a line is all that stands before its end, whatever it is, but for the \r of others' line ends.
  const Recipe recipe = model.options().make_recipe(InputKind::text);
  const auto* const text = std::get_if<EndlessTextSpec>(&recipe.fields.front().kind);
  const LineKind kind = text == nullptr ? LineKind::text : raw_lines(text->codec.kind);
  Conversation conversation(model, options, condition);
  const bool asks = ::isatty(STDIN_FILENO) != 0 && error_is_terminal();
  int code = kDone;
  LineBlocks input("-");
  for (;;) {
    if (asks) say("> ");
    const auto block = input.next();
    if (!block) break;
    LineReader lines(*block, kind);
    while (lines.next()) {
      std::string_view line = lines.line();
      std::string answer;  // its last piece
      if (line.ends_with('\r')) line.remove_suffix(1);
      try {
        conversation.answer(line, [&](std::string_view piece) {
          write_out(piece);
          answer = piece;
        });
      } catch (const Error& error) {
        complain(error.what());
        code = kFailed;
      }
      if (!line_ends || !answer.ends_with('\n')) write_out("\n");
      if (line_ends) write_out(kBetweenTexts);
    }
  }
  if (asks) say("\n");
  return code;
}

}  // namespace recur
