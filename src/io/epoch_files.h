// The files of a training beside its best model: of x.safetensors the checkpoint is x.last.safetensors
// (recur/types/training.h), and the models of its last epochs are x.epoch-7.safetensors.
#pragma once

#include <cstdint>
#include <string>

namespace recur {

// Of an epoch, counted from 1; and whether a path is one of those.
std::string epoch_path(const std::string& model, std::uint64_t epoch);
bool is_epoch_path(const std::string& path, const std::string& model);
// Removes all but those of the last `keep` epochs up to `epoch`: what this training, or another that wrote the same
// model before it, has left.
void remove_other_epochs(const std::string& model, std::uint64_t epoch, std::uint64_t keep);

}  // namespace recur
