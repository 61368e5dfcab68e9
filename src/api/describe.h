// What model files tell of themselves, as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tasks/network.h"

namespace recur {

// Configuration, tensors and the kernel of each layer.
nlohmann::json describe(const Network& network);
// Its layers, for introductions: "encoder gru 1 x 256 in both directions, decoder gru 1 x 256".
std::string layers_text(const Network& network);

}  // namespace recur
