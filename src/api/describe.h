// What model files tell of themselves, as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "nn/recurrent_stack.h"

namespace recur {

// [{"name": .., "shape": [..]}, ..]
nlohmann::json describe_tensors(const Parameters& parameters);
// [{"cell": .., "kernel": ..}, ..]
nlohmann::json describe_layers(const RecurrentStack& stack);

}  // namespace recur
