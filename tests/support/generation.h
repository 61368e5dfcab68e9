#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "recur/model.h"

namespace recur {

inline Generation generation(const std::string& prompt, std::size_t length, std::uint64_t seed = 1) {
  Generation options;
  options.prompt = prompt;
  options.length = length;
  options.seed = seed;
  return options;
}

}  // namespace recur
