// What a language model writes while it is trained.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tasks/network.h"

namespace recur {

struct TrainingSamples {
  std::uint64_t every = 0;  // steps; 0: none
  // The label is empty where the network writes for none.
  std::function<void(std::uint64_t step, const std::string& label, const std::string& text)> use;
};

// What calls samples.use() with a text that the network writes as it is after a step, under each of its labels in turn;
// null where it writes no texts or nobody asks. Both must outlive it. Nothing of the network changes.
std::function<void(std::uint64_t step)> sample_of(const Network& network, const TrainingSamples& samples);

}  // namespace recur
