#include "kernels/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/gradient_check.h"
#include "support/settings.h"

namespace recur::attention_test {
namespace {

constexpr std::size_t kPositions = 7, kLooks = 5;

using Floats = std::vector<float>;

double real(float x) { return static_cast<double>(x); }

// Rows of `columns` floats that lie further apart than they are wide.
struct Table {
  std::size_t columns, stride;
  Floats floats;

  Table(std::size_t rows, std::size_t width, std::uint64_t seed)
      : columns(width), stride(width + 3), floats(random_floats(rows * stride, 1, seed)) {}
  double at(std::size_t row, std::size_t column) const { return real(floats[row * stride + column]); }
  ConstMatrix matrix() const { return {floats.data(), floats.size() / stride, columns, stride}; }
  Matrix matrix() { return {floats.data(), floats.size() / stride, columns, stride}; }
  std::vector<Look> looks(const Table& numbers) const {
    std::vector<Look> all;
    for (std::size_t i = 0; i < kLooks; ++i) {
      all.push_back({floats.data() + i * stride, numbers.floats.data() + i * numbers.stride});
    }
    return all;
  }
  std::vector<Look> looks(const Table& numbers, const Table& amounts) const {
    std::vector<Look> all = looks(numbers);
    for (std::size_t i = 0; i < kLooks; ++i) all[i].amounts = amounts.floats.data() + i * amounts.stride;
    return all;
  }
};

class AttentionKernels : public testing::TestWithParam<std::size_t> {
 protected:
  std::size_t columns_ = GetParam();
  double tolerance_ = 1e-6 * (10 + static_cast<double>(columns_));
  Table keys_{kPositions, columns_, 1}, queries_{kLooks, columns_, 2}, numbers_{kLooks, kPositions, 3};
  Floats v_ = random_floats(columns_, 1, 4), weight_ = random_floats(columns_, 1, 7);
  Table amounts_{kLooks, kPositions, 8};

  double tanh_at(std::size_t query, std::size_t j, std::size_t k) const {
    return std::tanh(queries_.at(query, k) + keys_.at(j, k));
  }
  double covered_tanh_at(std::size_t query, std::size_t j, std::size_t k) const {
    return std::tanh(queries_.at(query, k) + keys_.at(j, k) + real(weight_[k]) * amounts_.at(query, j));
  }
  // Calls check() at each level that this processor has.
  template <class Check>
  void at_all_levels(const Check& check) const {
    for (const SimdLevel level : simd_levels()) {
      SCOPED_TRACE(simd_name(level));
      const WithSimdLevel set(level);
      check();
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Columns, AttentionKernels, testing::Values(1, 4, 15, 32, 77));

TEST_P(AttentionKernels, ScoresAndTheSumFollowTheirDefinitions) {
  at_all_levels([&] {
    Floats additive(kPositions), dot(kPositions), sum = v_;
    additive_scores(queries_.floats.data(), keys_.matrix(), v_.data(), additive.data());
    dot_scores(queries_.floats.data(), keys_.matrix(), dot.data());
    add_weighted_rows(numbers_.floats.data(), keys_.matrix(), sum.data());
    for (std::size_t j = 0; j < kPositions; ++j) {
      double expected_additive = 0, expected_dot = 0;
      for (std::size_t k = 0; k < columns_; ++k) {
        expected_additive += real(v_[k]) * tanh_at(0, j, k);
        expected_dot += queries_.at(0, k) * keys_.at(j, k);
      }
      EXPECT_NEAR(real(additive[j]), expected_additive, tolerance_) << j;
      EXPECT_NEAR(real(dot[j]), expected_dot, tolerance_) << j;
    }
    for (std::size_t k = 0; k < columns_; ++k) {
      double expected = real(v_[k]);
      for (std::size_t j = 0; j < kPositions; ++j) expected += numbers_.at(0, j) * keys_.at(j, k);
      EXPECT_NEAR(real(sum[k]), expected, tolerance_) << k;
    }
  });
}

TEST_P(AttentionKernels, GradientsFollowTheirDefinitions) {
  at_all_levels([&] {
    Floats d_query(columns_), d_v = v_;
    additive_query_backward(queries_.floats.data(), keys_.matrix(), v_.data(), numbers_.floats.data(), d_query.data());
    Table d_keys(kPositions, columns_, 5), sums(kPositions, columns_, 6);
    const Table d_keys_before = d_keys, sums_before = sums;
    additive_keys_backward(queries_.looks(numbers_), keys_.matrix(), v_.data(), d_keys.matrix(), d_v.data());
    add_looks(queries_.looks(numbers_), sums.matrix());
    for (std::size_t k = 0; k < columns_; ++k) {
      double expected_query = 0, expected_v = real(v_[k]);
      for (std::size_t j = 0; j < kPositions; ++j) {
        double expected_key = d_keys_before.at(j, k), expected_sum = sums_before.at(j, k);
        for (std::size_t i = 0; i < kLooks; ++i) {
          const double y = tanh_at(i, j, k), d = numbers_.at(i, j), slope = real(v_[k]) * (1 - y * y);
          if (i == 0) expected_query += d * slope;
          expected_key += d * slope;
          expected_v += d * y;
          expected_sum += d * queries_.at(i, k);
        }
        EXPECT_NEAR(d_keys.at(j, k), expected_key, tolerance_) << j << ", " << k;
        EXPECT_NEAR(sums.at(j, k), expected_sum, tolerance_) << j << ", " << k;
      }
      EXPECT_NEAR(real(d_query[k]), expected_query, tolerance_) << k;
      EXPECT_NEAR(real(d_v[k]), expected_v, tolerance_) << k;
    }
  });
}

TEST_P(AttentionKernels, CoverageFollowsItsDefinition) {
  at_all_levels([&] {
    const Coverage coverage{amounts_.floats.data(), weight_.data()};
    Floats scores(kPositions), d_query(columns_), d_amounts(kPositions, 0.5F), d_v = v_, d_weight = weight_;
    Table d_keys(kPositions, columns_, 5);
    const Table d_keys_before = d_keys;
    additive_scores(queries_.floats.data(), keys_.matrix(), v_.data(), scores.data(), coverage);
    additive_query_backward(queries_.floats.data(), keys_.matrix(), v_.data(), numbers_.floats.data(), d_query.data(),
                            coverage, d_amounts.data());
    additive_keys_backward(queries_.looks(numbers_, amounts_), keys_.matrix(), v_.data(), weight_.data(),
                           d_keys.matrix(), d_v.data(), d_weight.data());
    for (std::size_t j = 0; j < kPositions; ++j) {
      double score = 0, d_amount = 0.5;
      for (std::size_t k = 0; k < columns_; ++k) {
        const double y = covered_tanh_at(0, j, k), v = real(v_[k]);
        score += v * y;
        d_amount += numbers_.at(0, j) * v * (1 - y * y) * real(weight_[k]);
      }
      EXPECT_NEAR(real(scores[j]), score, tolerance_) << j;
      EXPECT_NEAR(real(d_amounts[j]), d_amount, tolerance_) << j;
    }
    for (std::size_t k = 0; k < columns_; ++k) {
      double of_query = 0, of_v = real(v_[k]), of_weight = real(weight_[k]);
      for (std::size_t j = 0; j < kPositions; ++j) {
        double of_key = d_keys_before.at(j, k);
        for (std::size_t i = 0; i < kLooks; ++i) {
          const double y = covered_tanh_at(i, j, k), d = numbers_.at(i, j), slope = d * real(v_[k]) * (1 - y * y);
          if (i == 0) of_query += slope;
          of_key += slope;
          of_v += d * y;
          of_weight += slope * amounts_.at(i, j);
        }
        EXPECT_NEAR(d_keys.at(j, k), of_key, tolerance_) << j << ", " << k;
      }
      EXPECT_NEAR(real(d_query[k]), of_query, tolerance_) << k;
      EXPECT_NEAR(real(d_v[k]), of_v, tolerance_) << k;
      EXPECT_NEAR(real(d_weight[k]), of_weight, tolerance_) << k;
    }
  });
}

TEST_P(AttentionKernels, TanhFollowsItsDefinition) {
  at_all_levels([&] {
    Floats y = v_, d(columns_, 2.0F);
    apply_tanh(columns_, y.data());
    apply_tanh_backward(columns_, y.data(), d.data());
    for (std::size_t k = 0; k < columns_; ++k) {
      const double expected = std::tanh(real(v_[k]));
      EXPECT_NEAR(real(y[k]), expected, 1e-6);
      EXPECT_NEAR(real(d[k]), 2 * (1 - expected * expected), 2e-6);
    }
  });
}

TEST(AttentionSoftmax, BackwardFollowsItsDefinition) {
  const Floats weights = {0.5F, 0.25F, 0.25F};
  Floats d = {1, 2, 4};  // their mean by weight is 2
  attention_softmax_backward(weights, d.data());
  EXPECT_EQ(d, (Floats{-0.5F, 0, 0.5F}));
}

}  // namespace
}  // namespace recur::attention_test
