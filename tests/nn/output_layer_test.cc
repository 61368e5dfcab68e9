#include "nn/output_layer.h"

#include <gtest/gtest.h>

#include <set>

#include "autograd/sampled_softmax.h"
#include "recur/types/error.h"
#include "support/gradient_check.h"

namespace recur::output_layer_test {
namespace {

constexpr std::size_t kWidth = 16, kVocabulary = 50;
const Noise kNoise{3, 7};

struct Output {
  Parameters parameters;
  OutputLayer layer;

  explicit Output(const OutputOptions& options, float range = 1, std::size_t vocabulary = kVocabulary)
      : layer(options, kWidth, vocabulary, parameters, "output.") {
    parameters.allocate();
    parameters.initialise(1, range);
  }
};

// The loss of x for an output layer, with the gradients of x and of all parameters.
struct Problem {
  Output* output;
  std::vector<int> targets;
  float scale = 1;

  double operator()(Tape& tape, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& gradients) const {
    Parameters& parameters = output->parameters;
    std::ranges::copy(a[1], parameters.values().begin());
    std::ranges::fill(parameters.gradients(), 0.0F);
    const Var x = tape.add(a[0].data(), targets.size(), kWidth);
    const double loss = output->layer.loss({tape, parameters, kNoise}, x, targets, {scale});
    if (!tape.recording()) return loss;
    tape.backward();
    std::copy_n(tape.gradient(x).data, gradients[0].size(), gradients[0].begin());
    std::ranges::copy(parameters.gradients(), gradients[1].begin());
    return loss;
  }
  std::vector<std::vector<float>> arrays() const {
    const std::span<const float> values = output->parameters.values();
    return {random_floats(targets.size() * kWidth, 1, 2), {values.begin(), values.end()}};
  }
};

std::vector<int> random_ids(std::size_t count, std::size_t vocabulary) {
  std::vector<int> ids(count);
  for (std::size_t i = 0; i < count; ++i) {
    ids[i] = static_cast<int>(Random(5, RandomPurpose::test).word(i) % vocabulary);
  }
  return ids;
}

const OutputOptions kAdaptive{Softmax::adaptive, {10, 30}};

TEST(OutputLayer, DeclaresItsParameters) {
  const auto names = [](const OutputOptions& options, std::size_t vocabulary) {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> result;
    const Output output(options, 1, vocabulary);
    for (const auto& d : output.parameters.declarations()) result.emplace_back(d.name, d.shape);
    return result;
  };
  using Shapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;
  const Shapes full = {{"output.weight", {50, 16}}, {"output.bias", {50}}};
  EXPECT_EQ(names({}, 50), full);
  EXPECT_EQ(names({Softmax::sampled}, 50), full);
  EXPECT_EQ(names(kAdaptive, 50), (Shapes{{"output.head.weight", {12, 16}},
                                          {"output.head.bias", {12}},
                                          {"output.tail.0.projection", {4, 16}},
                                          {"output.tail.0.weight", {20, 4}},
                                          {"output.tail.1.projection", {1, 16}},
                                          {"output.tail.1.weight", {20, 1}}}));
  EXPECT_EQ(Output({Softmax::adaptive}, 1, 1000).layer.options().cutoffs, (std::vector<std::size_t>{50, 250}));
  EXPECT_EQ(Output({Softmax::adaptive}, 1, 7).layer.options().cutoffs, (std::vector<std::size_t>{1}));
}

TEST(OutputLayer, RefusesWhatMakesNoSense) {
  for (const std::vector<std::size_t>& cutoffs : {std::vector<std::size_t>{0, 3}, {3, 3}, {5, 3}, {50}}) {
    EXPECT_THROW(Output({Softmax::adaptive, cutoffs}), Error);
  }
  EXPECT_THROW(Output({Softmax::sampled, {}, 0}), Error);
  Parameters parameters;
  const Parameters::Id shared = parameters.declare("embedding", kVocabulary, kWidth, InitialValues::within(1));
  EXPECT_THROW(OutputLayer({Softmax::adaptive}, kWidth, kVocabulary, parameters, "", shared), Error);
  EXPECT_EQ(OutputLayer({}, kWidth, kVocabulary, parameters, "", shared).weight(), shared);
  Output adaptive(kAdaptive);
  std::vector<float> x(kWidth);
  const std::vector<int> target = {1};
  Tape tape;
  EXPECT_THROW(
      adaptive.layer.loss({tape, adaptive.parameters, kNoise}, tape.add(x.data(), 1, kWidth), target, {1, 0.1F}),
      Error);
}

// For every id, and for one row or many at once.
TEST(OutputLayer, ProbabilitiesSumToOneAndAreThoseOfTheLoss) {
  for (const OutputOptions& options : {OutputOptions{}, kAdaptive, OutputOptions{Softmax::sampled, {}, 5}}) {
    SCOPED_TRACE(to_string(options.kind));
    Output output(options);
    const std::size_t rows = 130;
    std::vector<float> x = random_floats(rows * kWidth, 1, 4);
    Tape tape(false);
    const Var in = tape.add(x.data(), rows, kWidth);
    const Var y = output.layer.log_probabilities({tape, output.parameters, Noise::silent()}, in);
    ASSERT_EQ(tape.value(y).columns, kVocabulary);
    for (std::size_t row = 0; row < rows; ++row) {
      const float* own = tape.value(y).data + row * kVocabulary;
      double sum = 0;
      for (std::size_t id = 0; id < kVocabulary; ++id) sum += std::exp(static_cast<double>(own[id]));
      EXPECT_NEAR(sum, 1, 2e-6);
      const std::vector<int> target = {static_cast<int>(row % kVocabulary)};
      const Var one = tape.add(x.data() + row * kWidth, 1, kWidth);
      EXPECT_NEAR(output.layer.loss({tape, output.parameters, kNoise}, one, target, {}),
                  -static_cast<double>(own[row % kVocabulary]), 1e-5);
      const float* alone =
          tape.value(output.layer.log_probabilities({tape, output.parameters, Noise::silent()}, one)).data;
      EXPECT_TRUE(std::equal(own, own + kVocabulary, alone)) << "row " << row << " depends on those beside it";
    }
  }
}

TEST(OutputLayer, GradientsAgreeWithDifferences) {
  for (const OutputOptions& options : {OutputOptions{}, kAdaptive}) {
    SCOPED_TRACE(to_string(options.kind));
    Output output(options);
    const Problem problem{&output, {0, 9, 10, 29, 30, 49, 10, 3}, 0.5F};
    expect_gradients(problem, problem.arrays(), 2e-4, 0.5, 0x1p-5F);
    const Problem head_only{&output, {0, 9, 3}, 1};
    expect_gradients(head_only, head_only.arrays(), 2e-4, 1, 0x1p-5F);
  }
}

TEST(OutputLayer, SampledGradientsAgreeWithDifferences) {
  Output output({Softmax::sampled, {}, 12});
  const Problem problem{&output, {0, 9, 1, 29, 0, 49}, 0.5F};
  // The same on a tape of its own that records, and so draws the same sample, for the differences.
  const auto recorded = [&](Tape& tape, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& d) {
    Tape own;
    return problem(tape.recording() ? tape : own, a, d);
  };
  expect_gradients(recorded, problem.arrays(), 2e-4, 0.5, 0x1p-5F);
}

TEST(OutputLayer, TheNumberOfThreadsChangesNoBit) {
  for (const OutputOptions& options :
       {OutputOptions{}, OutputOptions{Softmax::adaptive}, OutputOptions{Softmax::sampled, {}, 40}}) {
    SCOPED_TRACE(to_string(options.kind));
    Output output(options, 1, 1000);
    const Problem problem{&output, random_ids(600, 1000), 0.5F};
    expect_same_on_any_threads(problem, problem.arrays());
    std::vector<float> x = random_floats(5 * kWidth, 1, 4), first;
    const std::size_t threads = thread_count();
    for (const std::size_t count : {1U, 2U, 3U, 5U}) {
      set_thread_count(count);
      Tape tape(false);
      const Var y =
          output.layer.log_probabilities({tape, output.parameters, Noise::silent()}, tape.add(x.data(), 5, kWidth));
      const std::vector<float> values(tape.value(y).data, tape.value(y).data + 5000);
      if (first.empty()) first = values;
      EXPECT_EQ(values, first) << count << " threads";
    }
    set_thread_count(threads);
  }
}

TEST(SampledSoftmax, GradientsReachOnlyTargetsAndSample) {
  constexpr std::size_t kMany = 1000;
  Output output({Softmax::sampled, {}, 20}, 1, kMany);
  const Problem problem{&output, {3, 700, 3, 999}};
  std::vector<std::vector<float>> arrays = problem.arrays();
  const Computed computed = compute(problem, arrays);
  std::set<std::size_t> touched;
  for (std::size_t i = 0; i < kMany * kWidth; ++i) {
    if (computed.gradients[1][i] != 0) touched.insert(i / kWidth);
  }
  Tape tape;
  const ClassSample sample = sample_classes(tape, kMany, 20, kNoise.child("sample").stream(), kNoise.position());
  std::set<std::size_t> allowed = {3, 700, 999};
  for (const int c : sample.classes) allowed.insert(static_cast<std::size_t>(c));
  EXPECT_TRUE(std::ranges::includes(allowed, touched));
  EXPECT_GE(touched.size(), 15U);
}

// Written down in double: logits less the logarithm of how often a class is expected, of the row's target and of the
// sampled classes but for its target, which is in the sample for rows 0 and 2.
TEST(SampledSoftmax, LossFollowsItsDefinition) {
  constexpr std::size_t kTotal = 9;
  const std::vector<int> classes = {4, 0, 7}, targets = {4, 2, 0};
  const ClassSample sample{classes, kTotal, 5};
  std::vector<float> x = random_floats(3 * kWidth, 1, 1), w = random_floats(kTotal * kWidth, 1, 2),
                     b = random_floats(kTotal, 1, 3), dw(w.size()), db(kTotal);
  Tape tape;
  const double loss = sampled_cross_entropy(tape, tape.add(x.data(), 3, kWidth), {w.data(), dw.data(), kTotal, kWidth},
                                            {b.data(), db.data(), 1, kTotal}, targets, sample, 1);
  double expected = 0;
  for (std::size_t row = 0; row < 3; ++row) {
    const auto weight = [&](int c) {
      double logit = static_cast<double>(b[static_cast<std::size_t>(c)]);
      for (std::size_t j = 0; j < kWidth; ++j) {
        logit +=
            static_cast<double>(x[row * kWidth + j]) * static_cast<double>(w[static_cast<std::size_t>(c) * kWidth + j]);
      }
      const double p = std::log((c + 2.0) / (c + 1.0)) / std::log(10.0);
      return std::exp(logit) / (1 - std::pow(1 - p, 5));
    };
    double sum = weight(targets[row]);
    for (const int c : classes) sum += c == targets[row] ? 0 : weight(c);
    expected += std::log(sum / weight(targets[row]));
  }
  EXPECT_NEAR(loss, expected, 1e-5);
}

// Different classes, in 2,000 batches as often as is said.
TEST(SampledSoftmax, ClassesAreDrawnAsOftenAsExpected) {
  constexpr std::size_t kTotal = 30, kCount = 8, kBatches = 2000;
  double probabilities = 0;
  for (std::size_t c = 0; c < kTotal; ++c) probabilities += ClassSample::probability(c, kTotal);
  EXPECT_NEAR(probabilities, 1, 1e-12);
  std::vector<double> seen(kTotal), expected(kTotal);
  for (std::uint64_t step = 0; step < kBatches; ++step) {
    Tape tape;
    const ClassSample sample = sample_classes(tape, kTotal, kCount, Noise(3, step).stream(), step << 32);
    ASSERT_EQ(std::set<int>(sample.classes.begin(), sample.classes.end()).size(), kCount);
    for (const int c : sample.classes) seen[static_cast<std::size_t>(c)] += 1;
    for (std::size_t c = 0; c < kTotal; ++c) expected[c] += std::exp(sample.log_expected(c));
  }
  // Given how many draws there were the classes are near to independent: within five deviations and 3% for that.
  for (std::size_t c = 0; c < kTotal; ++c) {
    EXPECT_NEAR(seen[c], expected[c], 5 * std::sqrt(expected[c]) + 0.03 * expected[c]) << c;
  }
}

// With nearly all ids in the sample it is nearly the full loss; with all it is.
TEST(SampledSoftmax, NearsTheFullLoss) {
  const std::vector<int> targets = random_ids(64, kVocabulary);
  Output full({});
  std::vector<std::vector<float>> arrays = Problem{&full, targets}.arrays();
  const double expected = compute(Problem{&full, targets}, arrays).number / 64;
  const auto sampled = [&](std::size_t samples, bool recording) {
    Output output({Softmax::sampled, {}, samples});
    return compute(Problem{&output, targets}, arrays, recording).number / 64;
  };
  EXPECT_NEAR(sampled(49, true), expected, 0.1);
  EXPECT_GT(std::abs(sampled(3, true) - expected), 1e-3);
  EXPECT_EQ(sampled(50, true), expected);
  EXPECT_EQ(sampled(3, false), expected);
}

}  // namespace
}  // namespace recur::output_layer_test
