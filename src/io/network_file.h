// Networks in model files.
#pragma once

#include <memory>
#include <string>

#include "io/model_file.h"
#include "tasks/network.h"

namespace recur {

ModelHead head_of(const Network& network);
// Of any format. Throws Error naming the file and what is wrong.
std::unique_ptr<Network> read_network(const ModelFile& file);
// A language model of one text. Throws Error for a file that is another.
std::unique_ptr<Network> read_language_model(const std::string& path);

}  // namespace recur
