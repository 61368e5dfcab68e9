#include "train/optimizer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check_options.h"
#include "base/error.h"
#include "base/threads.h"
#include "recur/types/simd.h"
#include "train/training_options.h"

namespace recur {
namespace {

// Elements that one thread takes at a time. Sums are over slices, in order, whoever computed them.
constexpr std::size_t kSlice = 16384;

std::vector<std::string> state_names(const OptimizerOptions& options) {
  switch (options.kind) {
    case OptimizerKind::sgd:
      if (options.momentum == 0) return {};
      return {"momentum"};
    case OptimizerKind::rmsprop:
    case OptimizerKind::adagrad:
      return {"square"};
    default:
      return {"first_moment", "second_moment"};
  }
}

// The sum of squares. Eight sums of their own, so that additions need not wait for each other; a square of a float is
// exact in double and cannot overflow, so the sum is finite exactly when every element is.
double sum_of_squares(const float* x, std::size_t n) {
  std::array<double, 8> sums = {};
  std::size_t i = 0;
  for (; i + sums.size() <= n; i += sums.size()) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane) {
      const double value = x[i + lane];
      sums[lane] += value * value;
    }
  }
  for (; i < n; ++i) sums[0] += double{x[i]} * double{x[i]};
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// The numbers of one step; each rule reads those it has.
struct Constants {
  float scale = 1, bound = std::numeric_limits<float>::infinity();  // clipping: first times scale, then cut at ±bound
  float penalty = 0, shrink = 1;                                    // weight decay: L2, decoupled
  float rate = 0, keep1 = 0, add1 = 0, keep2 = 0, add2 = 0, correction2 = 1, epsilon = 0;
};

// A rule's change() updates its states and returns what is taken off the parameter. Products and sums are never fused
// (fma), which not every SIMD level has: the bits would differ.
struct Sgd {
  static constexpr std::size_t kStates = 0;
  template <class V>
  static V change(const Constants& k, const V& g, V*) {
    return V(k.rate) * g;
  }
};

struct Momentum {
  static constexpr std::size_t kStates = 1;
  template <class V>
  static V change(const Constants& k, const V& g, V* state) {
    state[0] = state[0] * V(k.keep1) + g;
    return V(k.rate) * state[0];
  }
};

// RMSprop, and with keep1 = add1 = 1 Adagrad.
struct RootSquare {
  static constexpr std::size_t kStates = 1;
  template <class V>
  static V change(const Constants& k, const V& g, V* state) {
    state[0] = state[0] * V(k.keep1) + V(k.add1) * g * g;
    return V(k.rate) * (g / (sqrt(state[0]) + V(k.epsilon)));
  }
};

struct Adam {
  static constexpr std::size_t kStates = 2;
  template <class V>
  static V change(const Constants& k, const V& g, V* state) {
    state[0] = state[0] * V(k.keep1) + V(k.add1) * g;
    state[1] = state[1] * V(k.keep2) + V(k.add2) * g * g;
    return V(k.rate) * (state[0] / (sqrt(state[1]) * V(k.correction2) + V(k.epsilon)));
  }
};

// Where a slice lies; state s of its first element is state[s * stride].
struct Slice {
  float* parameters;
  float* gradients;
  float* state;
  std::size_t stride;
  std::size_t size;
};

template <class Rule>
struct UpdateSlice {
  // One vector at `at`. Adds 1 to the lanes of `cut` whose element the bound cut.
  template <class V>
  static void update(const Slice& slice, std::size_t at, const Constants& k, V& cut) {
    const V whole = V::load(slice.gradients + at) * V(k.scale);
    cut = cut + positive(max(whole, -whole) - V(k.bound));
    const V parameter = V::load(slice.parameters + at);
    const V g = min(max(whole, V(-k.bound)), V(k.bound)) + V(k.penalty) * parameter;
    V state[Rule::kStates + 1];  // one more than needed: an array may not be empty
    for (std::size_t s = 0; s < Rule::kStates; ++s) state[s] = V::load(slice.state + s * slice.stride + at);
    (parameter * V(k.shrink) - Rule::change(k, g, state)).store(slice.parameters + at);
    for (std::size_t s = 0; s < Rule::kStates; ++s) state[s].store(slice.state + s * slice.stride + at);
    V(0.0F).store(slice.gradients + at);
  }

  // The elements from `at`, fewer than a vector, by way of a whole one: as in the middle of a slice, to the bit.
  template <class V>
  static void update_rest(const Slice& slice, std::size_t at, const Constants& k, V& cut) {
    const std::size_t n = slice.size - at;
    constexpr std::size_t kLanes = V::kLanes;
    float parameters[kLanes] = {}, gradients[kLanes] = {}, state[(Rule::kStates + 1) * kLanes] = {};
    std::copy_n(slice.parameters + at, n, parameters);
    std::copy_n(slice.gradients + at, n, gradients);
    for (std::size_t s = 0; s < Rule::kStates; ++s) {
      std::copy_n(slice.state + s * slice.stride + at, n, state + s * kLanes);
    }
    update(Slice{parameters, gradients, state, kLanes, kLanes}, 0, k, cut);
    std::copy_n(parameters, n, slice.parameters + at);
    std::copy_n(gradients, n, slice.gradients + at);
    for (std::size_t s = 0; s < Rule::kStates; ++s) {
      std::copy_n(state + s * kLanes, n, slice.state + s * slice.stride + at);
    }
  }

  template <class V>
  static void run(Slice slice, Constants k, double* cut_count) {
    V cut(0.0F);  // a count a lane: at most kSlice, exact
    std::size_t at = 0;
    for (; at + V::kLanes <= slice.size; at += V::kLanes) update(slice, at, k, cut);
    if (at < slice.size) update_rest(slice, at, k, cut);
    float counts[V::kLanes];
    cut.store(counts);
    *cut_count = std::accumulate(counts, counts + V::kLanes, 0.0);
  }
};

using Update = void (*)(const Slice&, const Constants&, double*);

template <class Rule>
void update_slice(const Slice& slice, const Constants& k, double* cut_count) {
  dispatch<UpdateSlice<Rule>>(slice, k, cut_count);
}

Update update_of(const OptimizerOptions& options) {
  switch (options.kind) {
    case OptimizerKind::sgd:
      return options.momentum == 0 ? update_slice<Sgd> : update_slice<Momentum>;
    case OptimizerKind::rmsprop:
    case OptimizerKind::adagrad:
      return update_slice<RootSquare>;
    default:
      return update_slice<Adam>;
  }
}

// `step` counts from 1.
Constants constants_of(const OptimizerOptions& options, double rate, std::uint64_t step) {
  Constants k;
  k.epsilon = static_cast<float>(options.epsilon);
  if (options.kind == OptimizerKind::adamw) {
    k.shrink = static_cast<float>(1 - rate * options.weight_decay);
  } else {
    k.penalty = static_cast<float>(options.weight_decay);
  }
  switch (options.kind) {
    case OptimizerKind::sgd:
      k.keep1 = static_cast<float>(options.momentum);
      break;
    case OptimizerKind::rmsprop:
      k.keep1 = static_cast<float>(options.decay);
      k.add1 = static_cast<float>(1 - options.decay);
      break;
    case OptimizerKind::adagrad:
      k.keep1 = k.add1 = 1;
      break;
    default:
      k.keep1 = static_cast<float>(options.beta1);
      k.add1 = static_cast<float>(1 - options.beta1);
      k.keep2 = static_cast<float>(options.beta2);
      k.add2 = static_cast<float>(1 - options.beta2);
      k.correction2 = static_cast<float>(1 / std::sqrt(1 - std::pow(options.beta2, step)));
      rate /= 1 - std::pow(options.beta1, step);
  }
  k.rate = static_cast<float>(rate);
  return k;
}

// Sets the gradients to zero of what is not trained.
void forget_others(std::span<float> gradients, std::span<const TrainedRange> trained) {
  std::size_t from = 0;
  for (const TrainedRange& range : trained) {
    std::fill(gradients.begin() + static_cast<std::ptrdiff_t>(from),
              gradients.begin() + static_cast<std::ptrdiff_t>(range.begin), 0.0F);
    from = range.end;
  }
  std::ranges::fill(gradients.subspan(from), 0.0F);
}

}  // namespace

Optimizer::Optimizer(const OptimizerOptions& options, std::size_t count) : options_(options), count_(count) {
  check_options_of(options);
  state_.resize(state_names(options).size() * count);
  partials_.resize((count + kSlice - 1) / kSlice);
}

StepReport Optimizer::step(std::span<float> parameters, std::span<float> gradients, float learning_rate,
                           const Clipping& clipping, std::span<const TrainedRange> trained) {
  assert(parameters.size() == count_ && gradients.size() == count_);
  const TrainedRange all{0, count_};
  if (trained.empty()) trained = {&all, 1};
  forget_others(gradients, trained);
  if (clipping.kind != ClipKind::none && !(clipping.limit > 0)) {
    fail("--clip: expected a number above 0, got {}", clipping.limit);
  }
  const auto size_of_slice = [&](std::size_t slice) { return std::min(kSlice, count_ - slice * kSlice); };
  parallel_for(partials_.size(), [&](std::size_t slice) {
    partials_[slice] = sum_of_squares(gradients.data() + slice * kSlice, size_of_slice(slice));
  });
  StepReport report;
  report.gradient_norm = std::sqrt(std::accumulate(partials_.begin(), partials_.end(), 0.0));
  report.finite = std::isfinite(report.gradient_norm);
  if (!report.finite) return report;

  ++steps_;
  Constants clipped;
  if (clipping.kind == ClipKind::norm && report.gradient_norm > clipping.limit) {
    clipped.scale = static_cast<float>(clipping.limit / report.gradient_norm);
    report.clipped_share = 1;
  }
  if (clipping.kind == ClipKind::value) clipped.bound = clipping.limit;
  const Update update = update_of(options_);
  parallel_for(partials_.size(), [&](std::size_t slice) {
    const std::size_t first = slice * kSlice, last = first + size_of_slice(slice);
    double& cut = partials_[slice] = 0;
    for (const TrainedRange& range : trained) {
      assert(range.frozen_steps < steps_);
      const std::size_t at = std::max(first, range.begin), end = std::min(last, range.end);
      if (at >= end) continue;
      Constants k =
          constants_of(options_, static_cast<double>(learning_rate) * range.factor, steps_ - range.frozen_steps);
      k.scale = clipped.scale;
      k.bound = clipped.bound;
      double cut_here = 0;
      update({parameters.data() + at, gradients.data() + at, state_.data() + at, count_, end - at}, k, &cut_here);
      cut += cut_here;
    }
  });
  if (clipping.kind == ClipKind::value && count_ > 0) {
    report.clipped_share = std::accumulate(partials_.begin(), partials_.end(), 0.0) / static_cast<double>(count_);
  }
  return report;
}

std::vector<std::pair<std::string, std::span<float>>> Optimizer::state() {
  std::vector<std::pair<std::string, std::span<float>>> buffers;
  for (std::string& name : state_names(options_)) {
    buffers.emplace_back(std::move(name), std::span(state_).subspan(buffers.size() * count_, count_));
  }
  return buffers;
}

void Optimizer::check_state() const {
  if (options_.kind == OptimizerKind::sgd) return;
  const auto squares = std::span(state_).last(count_);  // the last buffer of all the others
  if (std::ranges::any_of(squares, [](float square) { return square < 0; })) {
    fail("its optimiser's mean of squares is below 0");
  }
}

}  // namespace recur
