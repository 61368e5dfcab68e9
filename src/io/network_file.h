// Networks in model files.
#pragma once

#include <memory>

#include "io/model_file.h"
#include "tasks/network.h"

namespace recur {

ModelHead head_of(const Network& network);
// Of any format. Throws Error naming the file and what is wrong.
std::unique_ptr<Network> read_network(const ModelFile& file);

}  // namespace recur
