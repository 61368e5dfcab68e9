// A cell of one's own in a program of one's own: its equations, and nothing else. The library derives the backward
// pass, compiles both for every SIMD width, and the program has all commands of recur for it:
//
//   own_cell train lm --cell two-speeds --data book.txt --out book.safetensors
//   own_cell sample book.safetensors
//   own_cell bench --cell two-speeds
//
// Without arguments it trains on a text that it writes itself.
#include <recur/recur.h>

#include <fstream>
#include <vector>

// Two leaky memories, a fast one and a slow one, mixed by a gate.
struct TwoSpeeds {
  static constexpr recur::CellOrigin origin = {0, "in no paper",
                                               "l, m = sigmoid(W x + U h + b), z = tanh(W x + U h + b)\n"
                                               "fast' = fast + l (z - fast), slow' = slow + l / 10 (z - slow)\n"
                                               "h' = m fast' + (1 - m) slow'"};
  static constexpr recur::Names states = {"h", "fast", "slow"};
  static constexpr recur::Names gates = {"candidate", "leak", "mix"};
  static constexpr recur::Names reads = {"fast", "slow"};
  static auto next(auto z, auto leak, auto mix, auto fast, auto slow) {
    auto candidate = tanh(z);
    auto l = sigmoid(leak);
    auto fast2 = fast + l * (candidate - fast);
    auto slow2 = slow + 0.1F * l * (candidate - slow);
    auto m = sigmoid(mix);
    return recur::results(m * fast2 + (1.0F - m) * slow2, fast2, slow2);
  }
};

int main(int argc, char** argv) {
  recur::add_cell<TwoSpeeds>("two-speeds");
  if (argc > 1) return recur::run_program(argc, argv);

  {
    std::ofstream file("counting.txt");
    for (int i = 0; i < 3000; ++i) file << i << ' ';
  }
  const std::vector<const char*> arguments = {
      argv[0],    "train", "lm",      "--cell", "two-speeds", "--data", "counting.txt", "--out", "own_cell.safetensors",
      "--hidden", "48",    "--batch", "16",     "--epochs",   "4",      "--lr",         "5e-3"};
  return recur::run_program(static_cast<int>(arguments.size()), arguments.data());
}
