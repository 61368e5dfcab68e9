// The adding problem (Hochreiter & Schmidhuber 1997, in the form of Le, Jaitly & Hinton 2015): a sequence of T random
// numbers from [0, 1), two of which are marked, one in each half; the target is the sum of the two. Always answering 1
// has a mean squared error of 1/6 = 0.167. Every training step draws a fresh batch; the test is on 1000 sequences that
// stay the same. Progress goes to stderr, the result, a JSON object, to stdout.
// Usage: adding [CELL [T [STEPS [HIDDEN [SEED [LEARNING_RATE]]]]]]; without arguments, a short run with T = 20.
#include <recur/error.h>
#include <recur/sequence_model.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <random>
#include <string>

namespace {

constexpr std::size_t kBatch = 50, kTests = 1000;

float uniform(std::mt19937& random) { return static_cast<float>(random() >> 8) * 0x1p-24F; }

recur::SequenceBatch draw(std::size_t count, std::size_t length, std::mt19937& random) {
  recur::SequenceBatch batch;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t half = length / 2;
    const std::size_t first = random() % half, second = half + random() % (length - half);
    float sum = 0;
    for (std::size_t t = 0; t < length; ++t) {
      const bool marked = t == first || t == second;
      const float number = uniform(random);
      if (marked) sum += number;
      batch.numbers.insert(batch.numbers.end(), {number, marked ? 1.0F : 0.0F});
    }
    batch.lengths.push_back(length);
    batch.values.push_back(sum);
  }
  return batch;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto number = [&](int index, double otherwise) { return argc > index ? std::atof(argv[index]) : otherwise; };
  const auto length = static_cast<std::size_t>(number(2, 20));
  const auto steps = static_cast<std::size_t>(number(3, argc > 1 ? 10000 : 300));
  const double learning_rate = number(6, 1e-3);
  if (length < 2) throw recur::Error("T: expected at least 2");

  recur::SequenceModelOptions options;
  options.network.cell = argc > 1 ? argv[1] : "gru";
  options.network.layers = 1;
  options.network.hidden = static_cast<std::size_t>(number(4, argc > 1 ? 128 : 32));
  options.input = 2;
  options.readout = recur::Readout::last_step;
  options.target = recur::Target::values;
  options.clipping.limit = 1;
  options.seed = static_cast<std::uint64_t>(number(5, 1));
  recur::SequenceModel model(options);

  std::mt19937 random(static_cast<std::mt19937::result_type>(options.seed)), test_random(0);
  const recur::SequenceBatch test = draw(kTests, length, test_random);
  double sum = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const double rate =
        learning_rate * 0.5 * (1 + std::cos(M_PI * static_cast<double>(step) / static_cast<double>(steps)));
    sum += model.train(draw(kBatch, length, random), static_cast<float>(rate));
    if ((step + 1) % 100 != 0) continue;
    std::fprintf(stderr, "%s T %zu step %zu: training error %.5f", options.network.cell.c_str(), length, step + 1,
                 sum / 100);
    if ((step + 1) % 500 == 0) std::fprintf(stderr, ", test error %.5f", model.evaluate(test).loss);
    std::fprintf(stderr, "\n");
    sum = 0;
  }
  std::printf(
      "{\"cell\": \"%s\", \"length\": %zu, \"hidden\": %zu, \"parameters\": %zu, \"seed\": %llu, \"steps\": %zu, "
      "\"mean_squared_error\": %.6f}\n",
      options.network.cell.c_str(), length, options.network.hidden, model.parameters(),
      static_cast<unsigned long long>(options.seed), steps, model.evaluate(test).loss);
} catch (const std::exception& error) {
  std::cerr << "adding: " << error.what() << '\n';
  return 1;
}
