#include "train/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/threads.h"
#include "data/safetensors.h"
#include "recur/types/error.h"
#include "recur/types/simd.h"
#include "support/golden.h"

namespace recur::optimizer_test {
namespace {

using Floats = std::vector<float>;
using Json = nlohmann::json;

constexpr Clipping kNoClipping{ClipKind::none, 0};
constexpr std::array kEveryKind = {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adagrad,
                                   OptimizerKind::adam, OptimizerKind::adamw};

// What the tests change and must not leave changed.
class OptimizerTest : public testing::Test {
 protected:
  ~OptimizerTest() override {
    set_simd_level(level_);
    set_thread_count(threads_);
  }
  std::vector<SimdLevel> levels() const {
    std::vector<SimdLevel> all = {SimdLevel::baseline, SimdLevel::avx2, SimdLevel::avx512};
    std::erase_if(all, [this](SimdLevel level) { return level > level_; });
    return all;
  }

 private:
  SimdLevel level_ = simd_level();
  std::size_t threads_ = thread_count();
};

// Element k of a generated tensor of scale 1: tests/golden/README.md.
float generated_element(std::uint64_t seed, std::uint64_t k) {
  std::uint64_t z = (seed << 32) + k + 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  z ^= z >> 31;
  return static_cast<float>(z >> 40) / 0x1p23F - 1;
}

Floats generated(std::uint64_t seed, std::size_t size) {
  Floats values(size);
  for (std::size_t k = 0; k < size; ++k) values[k] = generated_element(seed, k);
  return values;
}

OptimizerOptions options_of(OptimizerKind kind) {
  return {.kind = kind, .momentum = 0.9, .weight_decay = kind == OptimizerKind::adamw ? 0.01 : 0};
}

struct Outcome {
  Floats parameters;
  std::vector<Floats> state;
  std::vector<double> reports;
  bool operator==(const Outcome&) const = default;
};

Outcome run_three_steps(const OptimizerOptions& options, std::size_t size, const Clipping& clipping) {
  Outcome run{generated(1, size), {}, {}};
  Optimizer optimizer(options, size);
  for (std::uint64_t step = 0; step < 3; ++step) {
    Floats gradients = generated(2 + step, size);
    const StepReport report = optimizer.step(run.parameters, gradients, 0.1F, clipping);
    EXPECT_TRUE(report.finite);
    EXPECT_EQ(std::ranges::count(gradients, 0.0F), static_cast<std::ptrdiff_t>(size));
    run.reports.insert(run.reports.end(), {report.gradient_norm, report.clipped_share});
  }
  for (const auto& [name, values] : optimizer.state()) run.state.emplace_back(values.begin(), values.end());
  return run;
}

TEST_F(OptimizerTest, AgreesWithPyTorch) {
  const SafetensorsFile file(golden_folder() + "/optimizers.safetensors");
  const Json formula = Json::parse(file.metadata().at("generated"));
  const Json choices = Json::parse(file.metadata().at("options"));
  constexpr std::size_t kSize = 7, kSteps = 5;
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const OptimizerKind kind : kEveryKind) {
      const Json& choice = choices.at(to_string(kind));
      OptimizerOptions options{.kind = kind};
      options.momentum = choice.value("momentum", 0.0);
      options.decay = choice.value("alpha", 0.0);
      options.epsilon = choice.value("eps", 1e-8);
      options.weight_decay = choice.value("weight_decay", 0.0);
      Floats parameters = generated(formula["parameter"]["seed"], kSize);
      const Floats gradients = generated(formula["gradients"]["seed"], kSteps * kSize);
      const auto expected = file.floats(to_string(kind), std::array<std::int64_t, 2>{kSteps, kSize});
      Optimizer optimizer(options, kSize);
      for (std::size_t step = 0; step < kSteps; ++step) {
        Floats gradient(gradients.begin() + static_cast<std::ptrdiff_t>(step * kSize),
                        gradients.begin() + static_cast<std::ptrdiff_t>((step + 1) * kSize));
        optimizer.step(parameters, gradient, choice["lr"].get<float>(), kNoClipping);
        for (std::size_t i = 0; i < kSize; ++i) {
          EXPECT_NEAR(parameters[i], expected[step * kSize + i], 5e-7)
              << to_string(kind) << " step " << step << " element " << i << " " << simd_name(level);
        }
      }
      EXPECT_EQ(optimizer.steps(), kSteps);
    }
  }
}

TEST_F(OptimizerTest, SameBitsWithAnyThreadsAtAnySimdLevel) {
  for (const OptimizerKind kind : kEveryKind) {
    for (const Clipping clipping : {Clipping{ClipKind::norm, 1}, Clipping{ClipKind::value, 0.25F}}) {
      // The second: several slices, the last one with a rest below every SIMD width.
      for (const std::size_t size : {std::size_t{3}, std::size_t{2 * 16384 + 19}}) {
        set_simd_level(SimdLevel::baseline);
        set_thread_count(1);
        const Outcome expected = run_three_steps(options_of(kind), size, clipping);
        for (const SimdLevel level : levels()) {
          set_simd_level(level);
          for (const std::size_t threads : {1, 2, 3, 5}) {
            set_thread_count(threads);
            EXPECT_TRUE(run_three_steps(options_of(kind), size, clipping) == expected)
                << to_string(kind) << " " << to_string(clipping.kind) << " size " << size << " threads " << threads
                << " " << simd_name(level);
          }
        }
      }
    }
  }
}

// An element's new value depends on nothing but itself: not on where in a vector or a slice it lies.
TEST_F(OptimizerTest, EverySizeGivesTheBeginningOfALargerOne) {
  for (const SimdLevel level : levels()) {
    set_simd_level(level);
    for (const OptimizerKind kind : kEveryKind) {
      const Outcome whole = run_three_steps(options_of(kind), 16384 + 40, kNoClipping);
      for (const std::size_t size : {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 16383, 16384, 16385}) {
        const Outcome part = run_three_steps(options_of(kind), size, kNoClipping);
        EXPECT_TRUE(std::ranges::equal(part.parameters, std::span(whole.parameters).first(size)))
            << to_string(kind) << " size " << size << " " << simd_name(level);
      }
    }
  }
}

TEST_F(OptimizerTest, ClipsByNorm) {
  const Clipping to_five{ClipKind::norm, 5};
  Optimizer optimizer({.kind = OptimizerKind::sgd}, 2);
  Floats parameters = {0, 0}, gradients = {30, -40};
  StepReport report = optimizer.step(parameters, gradients, 1, to_five);
  EXPECT_EQ(report.gradient_norm, 50);
  EXPECT_EQ(report.clipped_share, 1);
  EXPECT_FLOAT_EQ(parameters[0], -3);
  EXPECT_FLOAT_EQ(parameters[1], 4);

  parameters = {0, 0};
  gradients = {3, -4};  // just as long as allowed
  report = optimizer.step(parameters, gradients, 1, to_five);
  EXPECT_EQ(report.clipped_share, 0);
  EXPECT_EQ(parameters, (Floats{-3, 4}));
}

TEST_F(OptimizerTest, ClipsByValue) {
  Optimizer optimizer({.kind = OptimizerKind::sgd}, 4);
  Floats parameters = {0, 0, 0, 0}, gradients = {5, -5, std::nextafter(5.0F, 6.0F), -1e30F};
  const StepReport report = optimizer.step(parameters, gradients, 1, {ClipKind::value, 5});
  EXPECT_EQ(parameters, (Floats{-5, 5, -5, 5}));
  EXPECT_EQ(report.clipped_share, 0.5);
  EXPECT_THROW(optimizer.step(parameters, gradients, 1, {ClipKind::value, 0}), Error);
}

TEST_F(OptimizerTest, NormIsRightForManyTinyAndHugeElements) {
  constexpr std::size_t kSize = 40'000;
  for (const float element : {1.5F, 1e-30F, 1e30F}) {
    Floats parameters(kSize), gradients(kSize, element);
    Optimizer optimizer({.kind = OptimizerKind::sgd}, kSize);
    const StepReport report = optimizer.step(parameters, gradients, 0, kNoClipping);
    EXPECT_TRUE(report.finite);
    EXPECT_NEAR(report.gradient_norm / (200.0 * double{element}), 1, 1e-12);
  }
}

TEST_F(OptimizerTest, NotFiniteGradientChangesNothing) {
  constexpr float kBad[] = {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()};
  for (const OptimizerKind kind : kEveryKind) {
    for (const float bad : kBad) {
      Optimizer optimizer(options_of(kind), 20'000);
      Floats parameters = generated(1, 20'000), gradients = generated(2, 20'000);
      const Floats before = parameters;
      gradients[19'999] = bad;
      const StepReport report = optimizer.step(parameters, gradients, 0.1F, {ClipKind::value, 1});
      EXPECT_FALSE(report.finite);
      EXPECT_EQ(parameters, before);
      EXPECT_EQ(gradients[0], generated_element(2, 0));
      EXPECT_EQ(optimizer.steps(), 0U);
      for (const auto& [name, values] : optimizer.state()) EXPECT_EQ(std::ranges::count(values, 0.0F), 20'000);
    }
  }
}

TEST_F(OptimizerTest, GoesOnFromItsSavedState) {
  const std::vector<std::vector<std::string>> names = {
      {"momentum"}, {"square"}, {"square"}, {"first_moment", "second_moment"}, {"first_moment", "second_moment"}};
  for (std::size_t i = 0; i < kEveryKind.size(); ++i) {
    constexpr std::size_t kSize = 37;
    Optimizer first(options_of(kEveryKind[i]), kSize), second(options_of(kEveryKind[i]), kSize);
    Floats parameters = generated(1, kSize), gradients = generated(2, kSize);
    first.step(parameters, gradients, 0.1F, kNoClipping);
    second.set_steps(first.steps());
    const auto from = first.state();
    const auto to = second.state();
    ASSERT_EQ(from.size(), names[i].size());
    for (std::size_t buffer = 0; buffer < from.size(); ++buffer) {
      EXPECT_EQ(from[buffer].first, names[i][buffer]);
      std::ranges::copy(from[buffer].second, to[buffer].second.begin());
    }
    Floats parameters2 = parameters, gradients2 = gradients = generated(3, kSize);
    first.step(parameters, gradients, 0.1F, kNoClipping);
    second.step(parameters2, gradients2, 0.1F, kNoClipping);
    EXPECT_EQ(parameters, parameters2) << to_string(kEveryKind[i]);
  }
  EXPECT_TRUE(Optimizer({.kind = OptimizerKind::sgd}, 3).state().empty());
}

// A part of the parameters, at a rate of its own, is as if there were no others; what is not trained stays.
TEST_F(OptimizerTest, TrainsRangesEachAtItsRate) {
  constexpr std::size_t kSize = 40'000, kFirst = 13, kMiddle = 20'001, kLast = 39'990;  // several slices
  const TrainedRange ranges[] = {{kFirst, kMiddle, 1}, {kMiddle, kLast, 0.25F}};
  for (const OptimizerKind kind : kEveryKind) {
    Optimizer all(options_of(kind), kSize), low(options_of(kind), kMiddle - kFirst),
        high(options_of(kind), kLast - kMiddle);
    Floats parameters = generated(1, kSize);
    const Floats start = parameters;
    Floats lower(parameters.begin() + kFirst, parameters.begin() + kMiddle),
        upper(parameters.begin() + kMiddle, parameters.begin() + kLast);
    for (std::uint64_t step = 0; step < 3; ++step) {
      Floats gradients = generated(2 + step, kSize);
      Floats lower_gradients(gradients.begin() + kFirst, gradients.begin() + kMiddle),
          upper_gradients(gradients.begin() + kMiddle, gradients.begin() + kLast);
      all.step(parameters, gradients, 0.1F, kNoClipping, ranges);
      low.step(lower, lower_gradients, 0.1F, kNoClipping);
      high.step(upper, upper_gradients, 0.025F, kNoClipping);
      EXPECT_EQ(gradients, Floats(kSize));
    }
    Floats wanted = start;
    std::ranges::copy(lower, wanted.begin() + kFirst);
    std::ranges::copy(upper, wanted.begin() + kMiddle);
    EXPECT_EQ(parameters, wanted) << to_string(kind);
  }
}

// What was frozen is trained as if its first step were the first of all: Adam corrects its means by their own steps.
TEST_F(OptimizerTest, BeginsWithWhatThawsAnew) {
  constexpr std::size_t kSize = 8, kHalf = 4;
  const TrainedRange half{0, kHalf}, thawed[] = {{0, kHalf}, {kHalf, kSize, 1, 5}};
  for (const OptimizerKind kind : kEveryKind) {
    Optimizer all(options_of(kind), kSize), fresh(options_of(kind), kHalf);
    Floats parameters = generated(1, kSize);
    Floats own(parameters.begin() + kHalf, parameters.end());
    for (std::uint64_t step = 0; step < 8; ++step) {
      Floats gradients = generated(2 + step, kSize);
      Floats own_gradients(gradients.begin() + kHalf, gradients.end());
      const bool frozen = step < 5;
      all.step(parameters, gradients, 0.1F, kNoClipping,
               frozen ? std::span(&half, 1) : std::span<const TrainedRange>(thawed));
      if (!frozen) fresh.step(own, own_gradients, 0.1F, kNoClipping);
    }
    EXPECT_EQ(Floats(parameters.begin() + kHalf, parameters.end()), own) << to_string(kind);
  }
}

TEST_F(OptimizerTest, WeightDecayIsAPenaltyOrDecoupled) {
  Floats parameters = {2}, gradients = {1};
  Optimizer({.kind = OptimizerKind::sgd, .weight_decay = 0.25}, 1).step(parameters, gradients, 0.5F, kNoClipping);
  EXPECT_EQ(parameters[0], 2 - 0.5F * (1 + 0.25F * 2));
  parameters = {2};
  gradients = {0};  // Adam's own step is 0 then
  Optimizer({.kind = OptimizerKind::adamw, .weight_decay = 0.25}, 1).step(parameters, gradients, 0.5F, kNoClipping);
  EXPECT_EQ(parameters[0], 2 * (1 - 0.5F * 0.25F));
}

TEST_F(OptimizerTest, RefusesOptionsOutsideTheirRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {-0.1, 1.0, nan}) {
    EXPECT_THROW(Optimizer({.momentum = bad}, 1), Error);
    EXPECT_THROW(Optimizer({.decay = bad}, 1), Error);
    EXPECT_THROW(Optimizer({.beta1 = bad}, 1), Error);
    EXPECT_THROW(Optimizer({.beta2 = bad}, 1), Error);
    EXPECT_THROW(Optimizer({.epsilon = bad}, 1), Error);
  }
  EXPECT_THROW(Optimizer({.epsilon = 1e-60}, 1), Error);
  for (const double bad : {-0.1, nan}) EXPECT_THROW(Optimizer({.weight_decay = bad}, 1), Error);
}

}  // namespace
}  // namespace recur::optimizer_test
