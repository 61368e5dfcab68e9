// Which matrix products forward computes for a stage, and in which order they add up to its gates: the input's first,
// then the others as the cell lists them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/recurrent.h"

namespace recur {

// Gates that are neighbours both in a product and in their stage: where gates_join() they are one matrix.
struct ForwardProduct {
  std::size_t stage, product, weight;
  int source;
  std::size_t first;  // among the gates of the product
  std::size_t gate, count;
  bool starts;  // the sum begins here, from the biases
};

// Whether neighbouring gates of a stage are packed as one matrix: where their panels are full, so that a part of them
// is one too, or where no thread ever takes only some units, because they are a single block.
bool gates_join(const LayerShape& shape, std::size_t stage);

class ForwardProducts {
 public:
  // `together`: neighbouring gates are one product where gates_join().
  ForwardProducts(const LayerShape& shape, bool together);
  std::span<const ForwardProduct> of(std::size_t stage) const {
    return {all_.data() + first_[stage], first_[stage + 1] - first_[stage]};
  }

 private:
  void add(const LayerShape& shape, std::size_t s, std::size_t p, bool together, std::uint32_t& begun);

  std::array<ForwardProduct, kMostStages * kMostWeights * Names::kMost> all_{};
  std::array<std::size_t, kMostStages + 1> first_{};
  std::size_t count_ = 0;
};

// The packed weights of gates [x.gate, x.gate + x.count), and where their sums start.
PackedMatrix packed_gates(const PackedLayer& layer, const ForwardProduct& x);
ProductStart start_of(const PackedLayer& layer, const ForwardProduct& x);

// One-hot: the product is a row of the transposed weight for each of the window's indices. Units [first_unit,
// last_unit) of x's gates; `gates` is a row of the stage's gates.
void gather_gates(const PackedLayer& layer, const ForwardProduct& x, const int* indices, std::size_t first_unit,
                  std::size_t last_unit, float* gates);

}  // namespace recur
