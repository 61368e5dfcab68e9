#include "cli/sample_pictures.h"

#include <vector>

#include "base/error.h"
#include "base/show.h"
#include "cli/commands.h"
#include "data/frames/picture_file.h"
#include "data/frames/picture_writer.h"
#include "draw/picture_grid.h"

namespace recur {
namespace {

constexpr std::size_t kStrips = 8;  // drawings whose steps are shown

void check_name(const char* flag, const std::string& path) {
  if (path.empty() || path.ends_with(".png")) return;
  fail("--{}: expected the name of a .png file, got {}", flag, path);
}

}  // namespace

void list_pictures(OptionList& list, PictureOptions& o) {
  list.group(kPicturesGroup);
  list.text("out", o.out, "FILE", "The pictures, side by side (.png; of strokes .svg)");
  list.text("canvas", o.canvas, "FILE", "The first 8, a row each, after each of some steps, and where it drew (.png)");
}

int sample_pictures(const Model& model, const PictureOptions& options, std::uint64_t seed) {
  if (options.out.empty() && options.canvas.empty()) {
    fail("--out: the model draws pictures; expected the name of a .png file for them");
  }
  check_other_output("--canvas", options.canvas, options.out);
  check_name("out", options.out);
  check_name("canvas", options.canvas);
  if (!has_pictures()) fail("--out: this recur was built without pictures; build it with RECUR_IMAGES=ON");
  std::vector<Drawing> drawings;
  model.draw(options.count, seed, [&](Drawing&& drawing) {
    const std::size_t before = drawing.canvases.size() - drawing.pixels();
    if (drawings.size() >= kStrips) {
      drawing.canvases.erase(drawing.canvases.begin(), drawing.canvases.begin() + static_cast<std::ptrdiff_t>(before));
    }
    drawings.push_back(std::move(drawing));
  });
  if (!options.out.empty()) write_png(options.out, picture_grid(drawings));
  if (options.canvas.empty()) return kDone;
  write_png(options.canvas, canvas_strips(std::span(drawings).first(std::min(kStrips, drawings.size()))));
  return kDone;
}

}  // namespace recur
