#include "autograd/signal_loss.h"

#include <cmath>

#include "support/gradient_check.h"

namespace recur::signal_loss_test {
namespace {

const std::vector<std::size_t> kLengths = {5, 4, 2};
const Steps kSteps = Steps::from_lengths(kLengths);
constexpr std::size_t kWidth = 2;

std::vector<float> targets() { return random_floats(kSteps.total() * kWidth, 1, 5); }

// Sequence by sequence, as the equation stands.
SignalError by_sequence(const std::vector<float>& y, const std::vector<float>& wanted, double p, std::size_t first) {
  SignalError result;
  const auto error = [&](std::size_t row, std::size_t t, std::size_t column) {
    const std::size_t i = (kSteps.offset(t) + row) * kWidth + column;
    return static_cast<double>(y[i]) - static_cast<double>(wanted[i]);
  };
  for (std::size_t row = 0; row < kLengths.size(); ++row) {
    for (std::size_t t = std::max<std::size_t>(first, p > 0 ? 1 : 0); t < kLengths[row]; ++t) {
      for (std::size_t column = 0; column < kWidth; ++column) {
        const double d = error(row, t, column) - (p > 0 ? p * error(row, t - 1, column) : 0);
        result.sum += d * d;
        ++result.numbers;
      }
    }
  }
  return result;
}

TEST(SignalError, IsThatOfEachSequence) {
  std::vector<float> y = random_floats(kSteps.total() * kWidth, 1, 6);
  const std::vector<float> wanted = targets();
  for (const float emphasis : {0.0F, 0.95F}) {
    for (const std::size_t first : {0U, 1U, 3U, 9U}) {
      Tape tape(false);
      const Var var = tape.add(y.data(), kSteps.total(), kWidth);
      const SignalError got = signal_error(tape, var, wanted, kSteps, {emphasis, first, 1});
      const SignalError expected = by_sequence(y, wanted, static_cast<double>(emphasis), first);
      EXPECT_NEAR(got.sum, expected.sum, 1e-12);
      EXPECT_EQ(got.numbers, expected.numbers);
    }
  }
}

TEST(SignalError, HasTheGradientOfItsSum) {
  const std::vector<float> wanted = targets();
  for (const float emphasis : {0.0F, 0.95F}) {
    for (const std::size_t first : {0U, 2U}) {
      const Computation computation = [&](Tape& tape, std::vector<std::vector<float>>& arrays,
                                          std::vector<std::vector<float>>& gradients) {
        const Var y = tape.add(arrays[0].data(), kSteps.total(), kWidth);
        const double sum = signal_error(tape, y, wanted, kSteps, {emphasis, first, 0.5F}).sum;
        if (!tape.recording()) return sum;
        tape.backward();
        const Matrix d = tape.gradient(y);
        std::copy_n(d.data, arrays[0].size(), gradients[0].begin());
        return sum;
      };
      expect_gradients(computation, {random_floats(kSteps.total() * kWidth, 1, 6)}, 1e-5, 0.5);
    }
  }
}

}  // namespace
}  // namespace recur::signal_loss_test
