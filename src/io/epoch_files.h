// The models of the last epochs of a training, beside its best one: those of x.safetensors are x.epoch-7.safetensors.
#pragma once

#include <cstdint>
#include <string>

namespace recur {

// Of an epoch, counted from 1.
std::string epoch_path(const std::string& model, std::uint64_t epoch);
// Removes all but those of the last `keep` epochs up to `epoch`: what this training, or another that wrote the same
// model before it, has left.
void remove_other_epochs(const std::string& model, std::uint64_t epoch, std::uint64_t keep);

}  // namespace recur
