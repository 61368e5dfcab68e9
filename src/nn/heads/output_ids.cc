#include "nn/heads/output_ids.h"

#include <cmath>

namespace recur {

OutputIds::OutputIds(std::size_t outputs, std::size_t width, Parameters& parameters)
    : count(outputs),
      weight(parameters.declare("output.weight", outputs, width,
                                InitialValues::within(1 / std::sqrt(static_cast<float>(width))))),
      bias(parameters.declare("output.bias", 0, outputs,
                              InitialValues::within(1 / std::sqrt(static_cast<float>(width))))) {}

}  // namespace recur
