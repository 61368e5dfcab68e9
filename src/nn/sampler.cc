#include "nn/sampler.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "base/finite.h"

namespace recur {
namespace {

// A token as one number, the larger the more likely: the bits of its logit, which order as the floats do once those of
// negative ones are turned round, and below them the id, turned round too.
std::uint64_t key_of(float logit, std::size_t id) {
  const auto bits = std::bit_cast<std::uint32_t>(logit + 0.0F);  // -0 becomes 0
  const std::uint32_t ordered = (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
  return std::uint64_t{ordered} << 32 | ~static_cast<std::uint32_t>(id);
}

std::size_t id_of(std::uint64_t key) { return ~static_cast<std::uint32_t>(key); }

}  // namespace

void check_temperature(double temperature) {
  if (temperature >= 0 && std::isfinite(temperature)) return;
  fail("--temperature: expected 0 (the most likely token each time) or a positive number, got {}", temperature);
}

Sampler::Sampler(const SamplingOptions& options, std::size_t vocabulary_size)
    : options_(options), keys_(vocabulary_size), weights_(vocabulary_size) {
  check_temperature(options.temperature);
  if (options.top_k < 0) fail("--top-k: expected 0 (all tokens) or a positive number, got {}", options.top_k);
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    fail("--top-p: expected a number above 0 and up to 1 (all tokens), got {}", options.top_p);
  }
  if (!(options.min_p >= 0 && options.min_p <= 1)) {
    fail("--min-p: expected a number from 0 (all tokens) to 1, got {}", options.min_p);
  }
}

int Sampler::pick(std::span<const float> logits, double uniform) {
  assert(!logits.empty() && logits.size() <= keys_.size() && uniform >= 0 && uniform < 1);
  check_results(logits, "the logit of a token");
  std::size_t best = 0;
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (logits[id] > logits[best]) best = id;
  }
  if (options_.temperature == 0) return static_cast<int>(best);

  std::span<Key> kept = keep_top_k(logits);
  weigh(logits, kept, logits[best]);
  if (options_.top_p < 1) kept = keep_nucleus(logits, kept);
  if (options_.min_p > 0) kept = keep_probable(kept);
  // Once over all, `sum` is `total` to the bit; uniform * total, even rounded, stays below it: the loop always breaks.
  const double total = weight_of(kept);
  std::size_t picked = best;
  double sum = 0;
  for (const Key key : kept) {
    picked = id_of(key);
    sum += weights_[picked];
    if (uniform * total < sum) break;
  }
  return static_cast<int>(picked);
}

// The tokens that are kept, in the order of their ids, as are those of the next two.
std::span<Sampler::Key> Sampler::keep_top_k(std::span<const float> logits) {
  const std::span<Key> all = keep_down_to(logits, 0);
  const auto k = static_cast<std::size_t>(options_.top_k);
  if (k == 0 || k >= all.size()) return all;
  const auto last = all.begin() + options_.top_k - 1;
  std::ranges::nth_element(all, last, std::greater{});
  return keep_down_to(logits, *last);
}

// Halves the range in which the last token of the set must lie. Before `low` lie the most likely tokens, in any order,
// and their weight is too small, by `missing`; with those before `high` it is large enough.
std::span<Sampler::Key> Sampler::keep_nucleus(std::span<const float> logits, std::span<Key> keys) {
  double missing = options_.top_p * weight_of(keys);
  auto low = keys.begin(), high = keys.end();
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    std::nth_element(low, middle, high, std::greater{});
    const double weight = weight_of({low, middle});
    if (weight >= missing) {
      high = middle;
    } else {
      missing -= weight;
      low = middle;
    }
  }
  return keep_down_to(logits, *low);
}

// The token `last` and all that are more likely.
std::span<Sampler::Key> Sampler::keep_down_to(std::span<const float> logits, Key last) {
  std::size_t kept = 0;
  for (std::size_t id = 0; id < logits.size(); ++id) {
    keys_[kept] = key_of(logits[id], id);
    if (keys_[kept] >= last) ++kept;
  }
  return std::span(keys_).first(kept);
}

// Those whose weight is at least min_p, that of the most likely being 1, in the
// same order.
std::span<Sampler::Key> Sampler::keep_probable(std::span<Key> keys) const {
  const auto unlikely = [this](Key key) { return weights_[id_of(key)] < double{options_.min_p}; };
  const auto kept = std::remove_if(keys.begin(), keys.end(), unlikely);
  return keys.first(static_cast<std::size_t>(kept - keys.begin()));
}

// `largest`: the largest logit of all; its token has weight 1.
void Sampler::weigh(std::span<const float> logits, std::span<const Key> keys, float largest) {
  for (const Key key : keys) {
    const double below = double{logits[id_of(key)]} - double{largest};
    weights_[id_of(key)] = std::exp(below / double{options_.temperature});
  }
}

double Sampler::weight_of(std::span<const Key> keys) const {
  double weight = 0;
  for (const Key key : keys) weight += weights_[id_of(key)];
  return weight;
}

}  // namespace recur
