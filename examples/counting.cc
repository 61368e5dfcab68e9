// Can a network count? (Gers & Schmidhuber 2001; Weiss, Goldberg & Yahav 2018.) A language model of lines reads the
// strings a^n b^n, or a^n b^n c^n, and learns to predict the next letter, or the end, at every step. It is trained on n
// up to 100, or up to 50 with three letters. Then it is asked, step by step, about every n = 1, 2, 3, ...: a string
// counts as right when all that its beginning determines is predicted, that is every letter after the first b, and the
// end. Prints the largest n up to which every string is right, for each cell and seed.
//
// In training n is drawn from a geometric distribution, cut at its end: a's then stop with the same probability
// whenever, so that there is nothing to learn about where. Drawn evenly, n teaches that a b must come after the 100th
// a, and a network that has learnt this fails right after it.
//
// Usage: counting [LETTERS [STEPS [SEEDS [CELL...]]]], at first 2, 6000, 5, lstm and gru; without arguments, a short
// run. One thread (OMP_NUM_THREADS=1) is fastest for networks this small. The models are in counting.safetensors, one
// after the other.
#include <recur/recur.h>

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

constexpr std::size_t kHidden = 10, kBatch = 32, kSteps = 100, kMostTested = 2000;  // steps: of an epoch

std::string text(std::size_t letters, std::size_t n) {
  std::string result;
  for (std::size_t i = 0; i < letters; ++i) result.append(n, static_cast<char>('a' + i));
  return result;
}

std::vector<recur::Record> draw(std::size_t letters, std::size_t longest, std::mt19937 random) {
  std::vector<recur::Record> records;
  while (records.size() < kSteps * kBatch) {
    const double u = (static_cast<double>(random()) + 0.5) * 0x1p-32;
    const auto n = static_cast<std::size_t>(1 - std::log(u) * static_cast<double>(longest) / 4);
    if (n <= longest) records.push_back({{"text", text(letters, n)}});
  }
  return records;
}

bool is_right(const recur::Model& model, std::size_t letters, std::size_t n) {
  std::vector<int> tokens = model.encode(text(letters, n));  // the beginning of a line first
  tokens.push_back(*model.end());
  recur::Stream stream = model.stream({.threads = 1});
  std::vector<float> logits(stream.outputs());
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    stream.step(tokens[i], logits);
    const auto next = std::ranges::max_element(logits) - logits.begin();
    if (i > n && next != tokens[i + 1]) return false;  // before that there are only a's
  }
  return true;
}

std::size_t run(const std::string& cell, std::size_t letters, std::size_t steps, std::uint32_t seed) {
  const std::size_t longest = letters == 2 ? 100 : 50;
  recur::LinesOptions task;
  task.network = {.cell = cell, .layers = 1, .hidden = kHidden};
  task.embedding = 0;
  recur::Job job;
  job.task = task;
  job.records = [&](std::uint64_t epoch) {
    return draw(letters, longest, std::mt19937(seed + 1000003 * static_cast<std::uint32_t>(epoch + 1)));
  };
  for (std::size_t n = 1; n <= longest; n += 7) job.validation_records.push_back({{"text", text(letters, n)}});
  job.model = "counting.safetensors";
  job.batch_tokens = 0;
  job.training.batch = kBatch;
  job.training.epochs = (steps + kSteps - 1) / kSteps;
  job.training.steps = steps;
  job.training.seed = seed;
  job.training.clipping.limit = 1;
  job.training.schedule.learning_rate = 0.02F;
  const recur::Model model = recur::Model::train(job);
  for (std::size_t n = 1; n <= kMostTested; ++n) {
    if (!is_right(model, letters, n)) return n - 1;
  }
  return kMostTested;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto number = [&](int index, std::size_t otherwise) {
    return argc > index ? static_cast<std::size_t>(std::atoll(argv[index])) : otherwise;
  };
  const std::size_t letters = number(1, 2), steps = number(2, argc > 1 ? 6000 : 1000),
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
      right.push_back(run(cell, letters, steps, static_cast<std::uint32_t>(seed)));
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
