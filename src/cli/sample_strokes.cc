#include "cli/sample_strokes.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "recur/strokes.h"

namespace recur {

int sample_strokes(const Model& model, const Sketching& how, const std::string& picture) {
  if (!picture.empty() && !picture.ends_with(".svg")) {
    fail("--out: expected the name of a .svg file, got {}", picture);
  }
  const auto drawings = sketch(model, how);
  if (!picture.empty()) {
    replace_file(picture, strokes_svg(drawings));
    return kDone;
  }
  for (const std::vector<PenStep>& drawing : drawings) {
    std::string line;
    for (const PenStep& step : drawing) {
      line += fmt::format("{}[{:.6g}, {:.6g}, {}]", line.empty() ? "" : ", ", step.dx, step.dy, step.lifts ? 1 : 0);
    }
    write_out("{\"strokes\": [" + line + "]}\n");
  }
  return kDone;
}

}  // namespace recur
