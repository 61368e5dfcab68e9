// What classifiers fit to validation data: a temperature and thresholds.
#include "nn/heads/fitted_head.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nn/heads/temperature.h"
#include "nn/heads/thresholds.h"
#include "support/random.h"

namespace recur::fitted_head_test {
namespace {

constexpr std::size_t kRows = 40, kLabels = 3;

// Scores of which the target's is the highest more often than not.
struct Scored {
  Scored() : scores(random_values(kRows * kLabels, 4, 5)) {
    for (std::size_t row = 0; row < kRows; ++row) {
      targets.push_back(row % kLabels);
      scores[row * kLabels + targets.back()] += 2;
    }
  }
  // The sum of -log softmax(scores / T)[target], and (log T)^2 / 2.
  double loss(double log_temperature) const {
    const double inverse = std::exp(-log_temperature);
    double sum = log_temperature * log_temperature / 2;
    for (std::size_t row = 0; row < kRows; ++row) {
      double all = 0;
      for (std::size_t k = 0; k < kLabels; ++k) all += std::exp(inverse * scores[row * kLabels + k]);
      sum += std::log(all) - inverse * scores[row * kLabels + targets[row]];
    }
    return sum;
  }
  double slope(double inverse) const {
    double sum = 0;
    for (std::size_t row = 0; row < kRows; ++row) {
      double all = 0, mean = 0;
      for (std::size_t k = 0; k < kLabels; ++k) {
        const double score = scores[row * kLabels + k], weight = std::exp(inverse * score);
        all += weight;
        mean += weight * score;
      }
      sum += mean / all - scores[row * kLabels + targets[row]];
    }
    return sum;
  }

  std::vector<double> scores;
  std::vector<std::size_t> targets;
};

TEST(Temperature, IsTheBestOfAll) {
  const Scored data;
  Temperature temperature;
  temperature.fit([&](double inverse) { return data.slope(inverse); });
  double best = 0, least = data.loss(0);
  for (double log = -3; log <= 3; log += 1e-4) {
    if (data.loss(log) < least) {
      least = data.loss(log);
      best = log;
    }
  }
  EXPECT_GT(best, 0.1);  // they were too sure
  EXPECT_NEAR(std::log(temperature.value()), best, 1e-4);
}

TEST(Temperature, OfNothingIsOne) {
  Temperature temperature;
  temperature.fit([](double) { return 0.0; });
  EXPECT_NEAR(temperature.value(), 1, 1e-12);
}

// Six records, all of them right: more would be needed to be as sure as the likelihood alone would make it.
TEST(Temperature, OfAFewRecordsStaysNearOne) {
  Temperature temperature;
  temperature.fit([](double inverse) { return 6 * -2.0 / (1 + std::exp(inverse * 2)); });
  EXPECT_GT(temperature.value(), 0.5);
  EXPECT_LT(temperature.value(), 1);
}

TEST(Temperature, StaysInItsRange) {
  Temperature sure, unsure;
  sure.fit([](double) { return -1e9; });
  unsure.fit([](double) { return 1e9; });
  for (const Temperature* temperature : {&sure, &unsure}) {
    nlohmann::json configuration;
    temperature->write(configuration);
    Temperature read;
    read.read(configuration);
    EXPECT_EQ(read.value(), temperature->value());
  }
}

TEST(Thresholds, HaveTheBestF1) {
  // Label 0: 12 records have it, all above 0.6, and of the others one above: 12 of 13 chosen are right. Label 1 too few
  // have: it takes what is best for both.
  std::vector<float> probabilities, right;
  const auto add = [&](float first, bool has_first, float second, bool has_second) {
    probabilities.insert(probabilities.end(), {first, second});
    right.insert(right.end(), {has_first ? 1.0F : 0.0F, has_second ? 1.0F : 0.0F});
  };
  for (int i = 0; i < 12; ++i) add(0.75F, true, 0.125F, false);
  add(0.875F, false, 0.125F, false);
  for (int i = 0; i < 5; ++i) add(0.25F, false, 0.5F, i < 3);
  const std::vector<float> thresholds = best_thresholds(probabilities, right, 2);
  ASSERT_EQ(thresholds.size(), 2U);
  EXPECT_EQ(thresholds[0], 0.5F);    // between 0.75 and 0.25
  EXPECT_EQ(thresholds[1], 0.375F);  // between 0.5 and 0.25: 15 of 18 are right
}

TEST(Thresholds, TellEqualProbabilitiesNotApart) {
  std::vector<float> probabilities(20, 0.25F), right(20, 0.0F);
  for (std::size_t i = 0; i < 10; ++i) right[i] = 1;
  EXPECT_EQ(best_thresholds(probabilities, right, 1), (std::vector<float>{0.125F}));
  // Neighbours: nothing lies between them.
  const float next = std::nextafter(0.25F, 1.0F);
  for (std::size_t i = 0; i < 10; ++i) probabilities[i] = next;
  EXPECT_EQ(best_thresholds(probabilities, right, 1), (std::vector<float>{next}));
}

TEST(Thresholds, OfNothingAreEven) {
  EXPECT_EQ(best_thresholds({}, {}, 2), (std::vector<float>{kEven, kEven}));
  const std::vector<float> probabilities = {0.9F, 0.1F}, right = {0, 0};
  EXPECT_EQ(best_thresholds(probabilities, right, 1), (std::vector<float>{kEven}));
}

TEST(Scores, AreInOrder) {
  const std::vector<float> scores = {1, 3, 2, 3};
  EXPECT_EQ(by_score(scores), (std::vector<std::size_t>{1, 3, 2, 0}));
}

}  // namespace
}  // namespace recur::fitted_head_test
