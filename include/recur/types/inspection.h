// What recur/inspect.h finds: gradients through time, and what units do while a text is read.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace recur {

// How much the loss of one prediction would change with one state of a layer, the longer ago the less.
struct StateGradient {
  std::size_t layer = 0;
  std::string state;  // "h"
  // norms[k]: the mean over windows of the 2-norm, over units, of the gradient of the loss at step T in the state after
  // step T - k, by all ways from there to the loss: [steps], nats per unit of state. A state that only later steps read
  // has 0 at k = 0.
  std::vector<double> norms;

  // The smallest k behind the largest norm at which the norm is below `share` of it; none if it stays above.
  std::optional<std::size_t> steps_below(double share) const;
};

struct GradientReach {
  std::size_t streams = 0, windows = 0;  // windows: of all streams together
  std::uint64_t unseen = 0;              // characters the model has never seen, left out
  double nats_per_token = 0;             // of the predictions whose loss it was
  std::vector<StateGradient> states;     // layer after layer
};

// What the numbers of a group of channels are.
enum class UnitKind {
  state,  // of a layer, after a step
  gate,   // from 0, closed, to 1, open: a sigmoid. A gate of which the cell takes the sigmoid's logarithm counts too
  activation  // of another function (tanh, relu, exp) of a sum of products, such as an LSTM's candidate
};

// The channels [first, first + count): the units of one state, gate or activation of a layer, named as in the cell's
// equations. Sums that the cell uses as they are, without a function, are left out, and so is a function whose value is
// a state (as in Elman's network), which would be there twice.
struct UnitGroup {
  std::size_t layer = 0;
  UnitKind kind = UnitKind::state;
  std::string name;  // "c", "forget"
  std::size_t first = 0, count = 0;
};

struct UnitTrace {
  std::vector<int> tokens;
  std::size_t channels = 0;
  std::vector<float> values;  // [tokens, channels]: of each unit once the token has been read
  std::vector<UnitGroup> groups;
  std::uint64_t unseen = 0;  // characters of the file that the model has never seen, left out
};

}  // namespace recur
