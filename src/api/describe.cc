#include "api/describe.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/endless_text_field.h"

namespace recur {
namespace {

using nlohmann::json;

// [{"name": .., "shape": [..]}, ..]
json describe_tensors(const Parameters& parameters) {
  json tensors = json::array();
  for (const auto& d : parameters.declarations()) tensors.push_back({{"name", d.name}, {"shape", d.shape}});
  return tensors;
}

// [{"cell": .., "kernel": .., "part": ..}, ..]
json describe_layers(const Network& network) {
  json layers = json::array();
  for (const auto& [name, stack] : network.stacks()) {
    for (std::size_t layer = 0; layer < stack->layers(); ++layer) {
      const LayerShape shape = stack->shape(layer, 0);
      json about = {{"cell", shape.cell->name}, {"kernel", describe_kernel(shape)}};
      if (!name.empty()) about["part"] = name;
      layers.push_back(about);
    }
  }
  return layers;
}

}  // namespace

json describe(const Network& network) {
  json about = {{"task", network.task()},
                {"parameters", network.parameters().count()},
                {"model", network.configuration()["options"]},
                {"layers", describe_layers(network)},
                {"tensors", describe_tensors(network.parameters())}};
  json description = json::array();
  for (const auto& [name, text] : network.describe()) description.push_back({name, text});
  about["description"] = description;
  if (const EndlessTextField* text = endless_text(network.fields())) {
    about["vocabulary"] = text->tokenizer().vocabulary().size();
    about["tokenizer"] = to_string(text->tokenizer().kind());
  }
  return about;
}

std::string layers_text(const Network& network) {
  std::string text;
  for (const auto& [name, stack] : network.stacks()) {
    const RecurrentOptions& o = stack->options();
    text += fmt::format("{}{}{}{} {} x {}", text.empty() ? "" : ", ", name, name.empty() ? "" : " ", o.cell, o.layers,
                        o.hidden);
    if (o.bidirectional) text += " in both directions";
  }
  return text;
}

}  // namespace recur
