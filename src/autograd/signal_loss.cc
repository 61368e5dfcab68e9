#include "autograd/signal_loss.h"

#include <algorithm>
#include <cassert>

namespace recur {
namespace {

std::size_t first_judged(const SignalJudgement& how) {
  return how.emphasis == 0 ? how.first : std::max<std::size_t>(how.first, 1);
}

// Calls visit(element, element of the step before) for every number that is judged; without emphasis the second is the
// first.
template <class Visit>
void for_judged(const Steps& steps, std::size_t width, const SignalJudgement& how, const Visit& visit) {
  for (std::size_t t = first_judged(how); t < steps.length(); ++t) {
    const std::size_t begin = steps.offset(t) * width;
    const std::size_t before = how.emphasis == 0 ? begin : steps.offset(t - 1) * width;
    for (std::size_t i = 0; i < steps.rows(t) * width; ++i) visit(begin + i, before + i);
  }
}

}  // namespace

std::size_t judged_numbers(const Steps& steps, std::size_t width, const SignalJudgement& how) {
  const std::size_t first = first_judged(how);
  return steps.length() <= first ? 0 : (steps.total() - steps.offset(first)) * width;
}

SignalError signal_error(Tape& tape, Var y, std::span<const float> targets, const Steps& steps,
                         const SignalJudgement& how) {
  const Matrix values = tape.value(y);
  assert(values.rows * values.columns == targets.size() && values.stride == values.columns);
  const std::size_t width = values.columns;
  const auto error = [targets](const float* out, std::size_t i) {
    return static_cast<double>(out[i]) - static_cast<double>(targets[i]);
  };
  SignalError result;
  for_judged(steps, width, how, [&](std::size_t now, std::size_t before) {
    const double d = error(values.data, now) - static_cast<double>(how.emphasis) * error(values.data, before);
    result.sum += d * d;
    ++result.numbers;
  });
  tape.record([y, &steps, how, width, error](Tape& t) {
    const float* out = t.value(y).data;
    float* dy = t.gradient(y).data;
    for_judged(steps, width, how, [&](std::size_t now, std::size_t before) {
      const double p = static_cast<double>(how.emphasis);
      const double d = 2 * static_cast<double>(how.gradient_scale) * (error(out, now) - p * error(out, before));
      dy[now] += static_cast<float>(d);
      dy[before] -= static_cast<float>(p * d);
    });
  });
  return result;
}

}  // namespace recur
