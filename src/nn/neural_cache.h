// A neural cache (Grave, Joulin & Usunier 2017): beside what a language model says, what followed where its last states
// were similar. With h_i the state that token w_i was predicted from, and h the one that w is to be predicted from,
//
//   p(w) = (1 - share) p_model(w) + share p_cache(w),   p_cache(w) = sum over w_i = w of exp(flatness h . h_i), over
//   the
//                                                       same sum over all i
//
// over the last `cache` tokens; before there is one, p is p_model.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/product.h"
#include "recur/types/tasks.h"

namespace recur {

class NeuralCache {
 public:
  // Of states of this width.
  NeuralCache(const Adaptation& options, std::size_t width);

  // Log p_model of tokens that follow one another, [tokens], become log p; `states` [tokens, width]. Each is in the
  // cache for those after it.
  void mix(const ConstMatrix& states, std::span<const int> tokens, std::span<double> logs);

 private:
  double mixed(const float* products, std::size_t last, int token, double log) const;

  Adaptation options_;
  std::size_t width_;
  std::vector<float> states_;  // [tokens, width]
  std::vector<int> tokens_;
  Arena scratch_;
};

}  // namespace recur
