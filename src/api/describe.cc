#include "api/describe.h"

namespace recur {

using nlohmann::json;

json describe_tensors(const Parameters& parameters) {
  json tensors = json::array();
  for (const auto& d : parameters.declarations()) tensors.push_back({{"name", d.name}, {"shape", d.shape}});
  return tensors;
}

json describe_layers(const RecurrentStack& stack) {
  json layers = json::array();
  for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
    const LayerShape shape = stack.shape(layer, 0);
    layers.push_back({{"cell", shape.cell->name}, {"kernel", describe_kernel(shape)}});
  }
  return layers;
}

}  // namespace recur
