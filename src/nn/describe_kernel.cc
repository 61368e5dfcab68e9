#include <fmt/format.h>

#include "nn/recurrent_stack.h"

namespace recur {
namespace {

std::string cell_text(const LayerShape& shape) {
  const CellInfo& cell = *shape.cell;
  if (!cell.multiplies_states()) {
    return "no product needs a state: one product over all steps, then a scan";
  }
  if (cell.stages.size() > 1) {
    return fmt::format("{} stages a step: a product needs the result of the stage before", cell.stages.size());
  }
  if (shape.layer_norm) return "products of a step, then its cell";
  return "product and cell of a step fused";
}

std::string input_text(const LayerShape& shape) {
  if (shape.one_hot) {
    return shape.window == 1 ? "one-hot input: a row of the weight, no product"
                             : fmt::format("one-hot input: {} rows of the weight, no product", shape.window);
  }
  return "input of all steps in one product";
}

}  // namespace

std::string describe_kernel(const LayerShape& shape) {
  std::string text = fmt::format("engine, {}; {}; {}", simd_name(simd_level()), cell_text(shape), input_text(shape));
  if (shape.layer_norm) text += "; layer normalisation: two passes over each step's gates";
  if (shape.state_clip > 0 || shape.zoneout > 0 || shape.zoneout_cell > 0) {
    text += "; zoneout and clipping: a pass over each step's states";
  }
#if defined(__clang__) || !defined(__OPTIMIZE__)
  text += "; baseline vectors only: wider ones need g++ with optimisation";
#else
  if (!kWideCells) text += "; baseline vectors for the cell: built with a sanitizer";
#endif
  return text;
}

}  // namespace recur
