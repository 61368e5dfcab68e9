// The task draw: pictures from nothing.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, DrawOptions& o) {
  list.group("Pictures");
  list.count("height", o.height, {1, 1024}, "Of pictures in files, which are scaled to it");
  list.count("width", o.width, {1, 1024}, "Of pictures in files");
  list.flag("colour", o.colour, "Red, green and blue of each pixel, else grey");
  list_options(list, o.network);
  list.group("Network");
  list.count("glimpses", o.glimpses, {1, 1000}, "Steps that a picture is drawn in");
  list.count("latent", o.latent, {1, 100'000}, "Numbers that are drawn by chance at each step");
  list.flag("attention", o.attention, "Each step sees and draws a part of the picture; --attention=false: all of it");
  list.count("read", o.read, {1, 100}, "Attention: N x N places are seen at each step");
  list.count("write", o.write, {1, 100}, "Attention: N x N places are drawn at each step");
  for (const char* name : {"read", "write"}) list.need(name, {"attention"});
}

Recipe recipe(const DrawOptions& o, InputKind kind) {
  DrawSpec draw{"image", o.network};
  draw.glimpses = o.glimpses;
  draw.latent = o.latent;
  draw.attention = o.attention;
  draw.read = o.read;
  draw.write = o.write;
  RecurrentOptions none{.layers = 0};
  Recipe r{.network = none, .head = draw};
  // Arrays have a size of their own.
  const DrawOptions& sized = kind == InputKind::pictures ? o : DrawOptions();
  r.fields = {{"image", ImageSpec{sized.height, sized.width, o.colour}}};
  r.input = {PixelsSpec{"image"}};
  return r;
}

TaskHelp draw_help() {
  TaskHelp help{
      "draw", "picture",
      "Train a network that draws pictures\n"
      "\n"
      "It learns to draw pictures like those of the data, step by step on a canvas, and how probable a picture\n"
      "is (DRAW: Gregor et al. 2015). Records are arrays (.npy, .npz, IDX) of [pictures, height, width], of\n"
      "bytes or of numbers from 0 to 1; lines of JSON, {\"image\": [[0, 1], [1, 0]]}; or paths of pictures in\n"
      "files, one a line. All pictures have one size. Prints one JSON object on standard output: best_loss (a\n"
      "bound of -log probability, in nats a picture), epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train draw --data train.npy --valid valid.npy --out digits.safetensors\n"
      "  recur train draw --data faces.txt --height 48 --width 48 --colour --attention=false\n"
      "  recur sample digits.safetensors --n 64 --out grid.png --canvas steps.png"};
  help.training.batch = 100;
  help.training.clipping.limit = 5;
  return help;
}

}  // namespace recur
