// Can a network count? (Gers & Schmidhuber 2001; Weiss, Goldberg & Yahav 2018.) It reads the strings a^n b^n, or
// a^n b^n c^n, between a start and an end symbol, and learns to predict the next symbol at every step. It is trained on
// n up to 100, or up to 50 with three letters. Then it is asked about every n = 1, 2, 3, ...: a string counts as right
// when all that its beginning determines is predicted, that is every symbol after the first b, the end included. Prints
// the largest n up to which every string is right, for each cell and seed.
//
// In training n is drawn from a geometric distribution, cut at its end: a's then stop with the same probability
// whenever, so that there is nothing to learn about where. Drawn evenly, n teaches that a b must come after the 100th
// a, and a network that has learnt this fails right after it.
//
// Usage: counting [LETTERS [STEPS [SEEDS [CELL...]]]], at first 2, 6000, 5, lstm and gru; without arguments, a short
// run. One thread (OMP_NUM_THREADS=1) is fastest for networks this small.
#include <recur/error.h>
#include <recur/sequence_model.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kHidden = 10, kBatch = 32, kMostTested = 2000;
constexpr double kLearningRate = 0.02;

// Symbol 0 starts and ends a string; 1, 2, 3 are a, b, c.
void append(recur::SequenceBatch& batch, std::size_t letters, std::size_t n) {
  batch.lengths.push_back(letters * n + 1);
  batch.tokens.push_back(0);
  for (std::size_t i = 0; i < letters * n; ++i) {
    batch.tokens.push_back(static_cast<int>(1 + i / n));
    batch.classes.push_back(batch.tokens.back());
  }
  batch.classes.push_back(0);
}

// The largest n such that all strings up to n are right.
std::size_t count_right(const recur::SequenceModel& model, std::size_t letters) {
  for (std::size_t n = 1; n <= kMostTested; ++n) {
    recur::SequenceBatch string;
    append(string, letters, n);
    std::fill_n(string.classes.begin(), n + 1, recur::SequenceBatch::kNoClass);  // so far there are only a's
    if (model.evaluate(string).correct < 1) return n - 1;
  }
  return kMostTested;
}

std::size_t run(const std::string& cell, std::size_t letters, std::size_t steps, std::uint64_t seed) {
  const std::size_t longest = letters == 2 ? 100 : 50;
  recur::SequenceModelOptions options;
  options.network.cell = cell;
  options.network.layers = 1;
  options.network.hidden = kHidden;
  options.input = options.outputs = letters + 1;
  options.tokens = true;
  options.clipping.limit = 1;
  options.seed = seed;
  recur::SequenceModel model(options);
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  for (std::size_t step = 0; step < steps; ++step) {
    recur::SequenceBatch batch;
    while (batch.lengths.size() < kBatch) {
      const double u = (static_cast<double>(random()) + 0.5) * 0x1p-32;
      const auto n = static_cast<std::size_t>(1 - std::log(u) * static_cast<double>(longest) / 4);
      if (n <= longest) append(batch, letters, n);
    }
    const double rate =
        kLearningRate * 0.5 * (1 + std::cos(M_PI * static_cast<double>(step) / static_cast<double>(steps)));
    model.train(batch, static_cast<float>(rate));
  }
  return count_right(model, letters);
}

}  // namespace

int main(int argc, char** argv) try {
  const auto number = [&](int index, std::size_t otherwise) {
    return argc > index ? static_cast<std::size_t>(std::atoll(argv[index])) : otherwise;
  };
  const std::size_t letters = number(1, 2), steps = number(2, argc > 1 ? 6000 : 100),
                    seeds = number(3, argc > 1 ? 5 : 1);
  if (letters != 2 && letters != 3) throw recur::Error("LETTERS: expected 2 or 3");
  std::vector<std::string> cells(argv + std::min(argc, 4), argv + argc);
  if (cells.empty()) cells = {"lstm", "gru"};

  std::printf("%-16s", letters == 2 ? "a^n b^n" : "a^n b^n c^n");
  for (std::size_t seed = 1; seed <= seeds; ++seed) std::printf("  seed %-3zu", seed);
  std::printf("  median   best\n");
  for (const std::string& cell : cells) {
    std::printf("%-16s", cell.c_str());
    std::vector<std::size_t> right;
    for (std::size_t seed = 1; seed <= seeds; ++seed) {
      right.push_back(run(cell, letters, steps, seed));
      std::printf("%10zu", right.back());
      std::fflush(stdout);
    }
    std::ranges::sort(right);
    if (!right.empty()) std::printf("%8zu%7zu\n", right[right.size() / 2], right.back());
  }
} catch (const std::exception& error) {
  std::cerr << "counting: " << error.what() << '\n';
  return 1;
}
