// Tokens that are written from a vocabulary or copied from what is looked at (See, Liu & Manning 2017):
//
//   p(w) = g p_vocabulary(w) + (1 - g) * the sum of the weights of the places where w stands,  g = sigmoid(gate)
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "autograd/operations.h"
#include "autograd/tape.h"

namespace recur {

// Where the targets of some rows stand.
struct CopyTargets {
  std::vector<std::size_t> begin = {0};  // of each row in `places`, and the end of the last
  std::vector<std::size_t> places;       // among the weights of all rows
  std::vector<char> known;               // of each row: whether the vocabulary has it, too; without a place it must

  std::span<const std::size_t> of(std::size_t row) const {
    return std::span(places).subspan(begin[row], begin[row + 1] - begin[row]);
  }
};

// The loss of targets that may be copied, for linear_cross_entropy(). Gradients flow back into gate [rows, 1] and
// weights [1, all]; they are those of the summed loss times `gradient_scale`. `targets` must outlive the tape's
// contents.
class CopyMixture : public TargetMixture {
 public:
  CopyMixture(Tape& tape, Var gate, Var weights, const CopyTargets& targets, float gradient_scale);
  Row mix(std::size_t row, double nats) override;

 private:
  const float *gates_, *weights_;
  const CopyTargets& targets_;
  double gradient_scale_;
  std::span<float> d_gate_, d_copied_;  // of each row; the second of the weight of each of its places
};

// log p(w) of one row, in place: row[w] has log p_vocabulary(w) for the first `vocabulary`, and anything for tokens
// that can only be copied. Position j, looked at with weights[j], has token tokens[j]; all of the latter stand
// somewhere.
void mix_copies(std::span<float> row, std::size_t vocabulary, float gate, std::span<const float> weights,
                std::span<const int> tokens);

}  // namespace recur
