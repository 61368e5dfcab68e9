#include "autograd/operations.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/golden.h"
#include "support/gradient_check.h"

namespace recur::operations_test {
namespace {

std::vector<float> to_floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

// Logits equal to given values: an input of ones times a weight that holds them, one row at a time.
TEST(Operations, CrossEntropyAgreesWithPyTorch) {
  const GoldenFile golden("cross_entropy");
  for (const std::string name : {"v1", "v3", "v65", "v1000", "v65_large"}) {
    const std::vector<float> logits = to_floats(golden.values("logits_" + name));
    const std::vector<double> gradient = golden.values("grad_" + name);
    const std::vector<std::size_t> targets = golden.integers("targets_" + name);
    const std::size_t classes = logits.size() / 4;
    double loss = 0;
    for (std::size_t row = 0; row < 4; ++row) {
      std::vector<float> weight(classes), d_weight(classes), d_bias(classes), one = {1};
      std::vector<float> bias(logits.begin() + static_cast<std::ptrdiff_t>(row * classes),
                              logits.begin() + static_cast<std::ptrdiff_t>((row + 1) * classes));
      const Parameter w{weight.data(), d_weight.data(), classes, 1};
      const Parameter b{bias.data(), d_bias.data(), 1, classes};
      const int target = static_cast<int>(targets[row]);
      Tape tape;
      loss += linear_cross_entropy(tape, tape.add(one.data(), 1, 1), w, b, {&target, 1}, {.gradient_scale = 0.25F});
      tape.backward();
      for (std::size_t k = 0; k < classes; ++k) {
        EXPECT_NEAR(static_cast<double>(d_bias[k]), gradient[row * classes + k], 2e-7)
            << name << " row " << row << " class " << k;
        EXPECT_EQ(d_weight[k], d_bias[k]);  // the input is 1
      }
    }
    EXPECT_NEAR(loss / 4, golden.values("loss_" + name)[0], 1e-6 * (1 + std::abs(loss))) << name;
  }
}

// Of x [4, 3], weight [5, 3] and bias [5]: the loss is returned plain, the gradient is that of the loss with smoothed
// targets and weights, here written down in double.
TEST(Operations, CrossEntropyIsSmoothedWeightedAndFocused) {
  const std::vector<int> targets = {4, 0, 2, 0};
  const std::vector<float> weights = {0.5F, 1, 3, 1, 0.25F};
  std::vector<std::vector<float>> arrays = {random_floats(12, 1, 1), random_floats(15, 2, 2), random_floats(5, 1, 3)};
  for (const bool with_bias : {true, false}) {
    const auto number = [&](float smoothing, std::span<const float> class_weights, float focal = 0) {
      return [&, smoothing, class_weights, focal](Tape& tape, std::vector<std::vector<float>>& a,
                                                  std::vector<std::vector<float>>& d) {
        const Var x = tape.add(a[0].data(), 4, 3);
        const Parameter bias = with_bias ? Parameter{a[2].data(), d[2].data(), 1, 5} : Parameter{};
        const double plain = linear_cross_entropy(tape, x, {a[1].data(), d[1].data(), 5, 3}, bias, targets,
                                                  {2.0F, smoothing, class_weights, nullptr, focal});
        if (tape.recording()) {
          tape.backward();
          std::copy_n(tape.gradient(x).data, d[0].size(), d[0].begin());
          return plain;
        }
        double loss = 0;
        for (std::size_t row = 0; row < 4; ++row) {
          double logits[5], sum = 0;
          for (std::size_t k = 0; k < 5; ++k) {
            logits[k] = with_bias ? static_cast<double>(a[2][k]) : 0;
            for (std::size_t j = 0; j < 3; ++j) {
              logits[k] += static_cast<double>(a[0][row * 3 + j]) * static_cast<double>(a[1][k * 3 + j]);
            }
            sum += std::exp(logits[k]);
          }
          const auto target = static_cast<std::size_t>(targets[row]);
          const double e = static_cast<double>(smoothing);
          double own = (1 - e) * (std::log(sum) - logits[target]);
          for (const double logit : logits) own += e / 5 * (std::log(sum) - logit);
          own *= std::pow(1 - std::exp(logits[target]) / sum, static_cast<double>(focal));
          loss += own * (class_weights.empty() ? 1 : static_cast<double>(class_weights[target]));
        }
        return loss;
      };
    };
    expect_gradients(number(0, {}), arrays, 1e-6, 2);
    expect_gradients(number(0.25F, {}), arrays, 1e-6, 2);
    expect_gradients(number(0.25F, weights), arrays, 1e-6, 2);
    for (const float focal : {0.5F, 1.0F, 2.0F, 5.0F}) {
      expect_gradients(number(0, {}, focal), arrays, 1e-6, 2);
      expect_gradients(number(0, weights, focal), arrays, 1e-6, 2);
    }
    const double plain = compute(number(0, {}), arrays).number;
    EXPECT_EQ(compute(number(0, weights, 2), arrays).number, plain);
    EXPECT_NEAR(compute(number(0, {}), arrays, false).number, plain, 1e-6);
    EXPECT_EQ(compute(number(0.25F, weights), arrays).number, plain);
  }
}

TEST(Operations, EmbeddingAddsUpATokenThatOccursTwice) {
  std::vector<float> table = {1, 2, 3, 4, 5, 6}, gradient(6);
  const Parameter parameter{table.data(), gradient.data(), 3, 2};
  const std::vector<int> indices = {2, 0, 2};
  Tape tape;
  const Var y = embedding(tape, parameter, indices, 0, Noise::silent());
  const float* rows = tape.value(y).data;
  EXPECT_EQ(std::vector<float>(rows, rows + 6), (std::vector<float>{5, 6, 1, 2, 5, 6}));
  const std::vector<float> d = {1, 10, 100, 1000, 2, 20};
  std::copy(d.begin(), d.end(), tape.gradient(y).data);
  tape.backward();
  EXPECT_EQ(gradient, (std::vector<float>{100, 1000, 0, 0, 3, 30}));
}

TEST(Operations, LinearFollowsItsDefinition) {
  std::vector<float> x = {1, 2, 3, 4}, weight = {1, 0, 0, 1, 1, 1}, bias = {10, 20, 30}, dw(6), db(3);
  const Parameter w{weight.data(), dw.data(), 3, 2}, b{bias.data(), db.data(), 1, 3};
  Tape tape;
  const Var in = tape.add(x.data(), 2, 2);
  const Var y = linear(tape, in, w, b);
  const float* out = tape.value(y).data;
  EXPECT_EQ(std::vector<float>(out, out + 6), (std::vector<float>{11, 22, 33, 13, 24, 37}));
  std::fill_n(tape.gradient(y).data, 6, 1.0F);
  tape.backward();
  const float* dx = tape.gradient(in).data;
  EXPECT_EQ(std::vector<float>(dx, dx + 4), (std::vector<float>{2, 2, 2, 2}));
  EXPECT_EQ(dw, (std::vector<float>{4, 6, 4, 6, 4, 6}));
  EXPECT_EQ(db, (std::vector<float>{2, 2, 2}));
}

TEST(Operations, DropoutKeepsTheMeanAndRepeatsItself) {
  std::vector<float> ones(100000, 1.0F);
  const auto run = [&](std::uint64_t step) {
    Tape tape;
    const Var x = tape.add(ones.data(), 1000, 100);
    const Var y = dropout(tape, x, 0.25F, {4, step});
    std::fill_n(tape.gradient(y).data, ones.size(), 1.0F);
    tape.backward();
    const float* out = tape.value(y).data;
    EXPECT_TRUE(std::equal(out, out + ones.size(), tape.gradient(x).data));  // the gradient has the same mask
    return std::vector<float>(out, out + ones.size());
  };
  const std::vector<float> a = run(0);
  double sum = 0;
  for (const float value : a) {
    ASSERT_TRUE(value == 0 || value == 1 / 0.75F);
    sum += static_cast<double>(value);
  }
  EXPECT_NEAR(sum / static_cast<double>(a.size()), 1, 0.01);  // six standard deviations
  EXPECT_EQ(a, run(0));
  EXPECT_NE(a, run(1));
  Tape evaluation(false);
  const Var x = evaluation.add(ones.data(), 1000, 100);
  EXPECT_EQ(dropout(evaluation, x, 0.25F, {4, 0}).index, x.index);
}

}  // namespace
}  // namespace recur::operations_test
