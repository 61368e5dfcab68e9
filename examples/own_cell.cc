// A cell of one's own: its equations, and nothing else. The library derives the backward pass, compiles both for every
// SIMD width, and trains it like any other. Usage: own_cell [TEXT]
#include <recur/recur.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>

// Two leaky memories, a fast one and a slow one, mixed by a gate.
struct TwoSpeeds {
  static constexpr recur::Names states = {"h", "fast", "slow"};
  static constexpr recur::Names gates = {"candidate", "leak", "mix"};
  static constexpr recur::Names reads = {"fast", "slow"};
  static auto next(auto z, auto leak, auto mix, auto fast, auto slow) {
    auto candidate = tanh(z);
    auto fast2 = fast + sigmoid(leak) * (candidate - fast);
    auto slow2 = slow + 0.1F * sigmoid(leak) * (candidate - slow);
    auto m = sigmoid(mix);
    return recur::results(m * fast2 + (1.0F - m) * slow2, fast2, slow2);
  }
};

int main(int argc, char** argv) try {
  recur::add_cell<TwoSpeeds>("two-speeds");

  recur::LanguageModelJob job;
  job.data = argc > 1 ? argv[1] : "counting.txt";
  if (argc <= 1) {
    std::ofstream file(job.data);
    for (int i = 0; i < 3000; ++i) file << i << ' ';
  }
  job.model = "own_cell.safetensors";
  job.network.cell = "two-speeds";
  job.network.hidden = 48;
  job.training.batch = 16;
  job.training.epochs = 4;
  job.training.schedule.learning_rate = 5e-3F;
  recur::TrainingResult result;
  const recur::LanguageModel model = recur::LanguageModel::train(job, {}, {}, &result);
  std::printf("%zu parameters, %.3f nats a character held out after %d epochs\n", model.parameters(), result.best_loss,
              static_cast<int>(result.best_epoch));
} catch (const std::exception& error) {
  std::cerr << "own_cell: " << error.what() << '\n';
  return 1;
}
