#include "nn/neural_cache.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/log_add.h"
#include "base/threads.h"

namespace recur {

NeuralCache::NeuralCache(const Adaptation& options, std::size_t width) : options_(options), width_(width) {}

void NeuralCache::mix(const ConstMatrix& states, std::span<const int> tokens, std::span<double> logs) {
  const std::size_t before = tokens_.size();
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  for (std::size_t t = 0; t < states.rows; ++t) {
    const float* state = states.data + t * states.stride;
    states_.insert(states_.end(), state, state + width_);
  }
  const ConstMatrix all{states_.data(), tokens_.size(), width_, width_};
  scratch_.rewind();
  const Matrix products{scratch_.take<float>(states.rows, all.rows).data(), states.rows, all.rows, all.rows};
  multiply(states, pack_transposed(all, scratch_), {ProductStart::From::zero}, products);
  parallel_for(tokens.size(), [&](std::size_t t) {
    logs[t] = mixed(products.data + t * products.stride, before + t, tokens[t], logs[t]);
  });
  const std::size_t old = tokens_.size() - std::min(tokens_.size(), options_.cache);
  tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(old));
  states_.erase(states_.begin(), states_.begin() + static_cast<std::ptrdiff_t>(old * width_));
}

// `products` [last]: of a state with those before it.
double NeuralCache::mixed(const float* products, std::size_t last, int token, double log) const {
  if (last == 0) return log;
  const std::size_t first = last - std::min(last, options_.cache);
  const auto largest = static_cast<double>(*std::max_element(products + first, products + last));
  double sum = 0, found = 0;
  for (std::size_t i = first; i < last; ++i) {
    const double similar = std::exp(options_.cache_flatness * (static_cast<double>(products[i]) - largest));
    sum += similar;
    if (tokens_[i] == token) found += similar;
  }
  const double of_model = std::log1p(-options_.cache_share) + log;
  const double of_cache = std::log(options_.cache_share) + std::log(found / sum);  // -infinity where it has none
  return log_add(of_model, of_cache);
}

}  // namespace recur
