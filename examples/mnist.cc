// Handwritten digits read as sequences: row by row, 28 steps of 28 numbers, or pixel by pixel, 784 steps of one (Le,
// Jaitly & Hinton 2015). FOLDER holds MNIST's files, unpacked (gunzip): train-images-idx3-ubyte and
// train-labels-idx1-ubyte, of which the last 5000 digits are for validation, and, if there, t10k-images-idx3-ubyte and
// t10k-labels-idx1-ubyte for the test at the end. The learning rate falls along half a cosine to the end of the epochs
// or of the time limit, whichever comes first. Progress goes to stderr, a JSON object an epoch to stdout.
// Usage: mnist FOLDER rows|pixels [CELL [HIDDEN [EPOCHS [BATCH [MINUTES [LEARNING_RATE [SEED]]]]]]]
#include <recur/error.h>
#include <recur/sequence_model.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kSide = 28, kPixels = kSide * kSide, kValidation = 5000;

// The bytes of an IDX file after its header: a magic number and the sizes, 4 bytes each, most significant first.
std::vector<unsigned char> read_idx(const std::string& path, std::span<const std::size_t> item) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw recur::Error(path + ": cannot be read; unpack " + path + ".gz with gunzip");
  std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t header = 4 * (2 + item.size());
  const auto number = [&](std::size_t i) {
    return std::accumulate(bytes.begin() + 4 * static_cast<std::ptrdiff_t>(i),
                           bytes.begin() + 4 * static_cast<std::ptrdiff_t>(i + 1), std::size_t{0},
                           [](std::size_t high, unsigned char low) { return high * 256 + low; });
  };
  bool good = bytes.size() >= header && number(0) == 0x800 + 1 + item.size();
  std::size_t size = good ? number(1) : 0;
  for (std::size_t i = 0; good && i < item.size(); ++i) {
    good = number(2 + i) == item[i];
    size *= item[i];
  }
  if (!good || bytes.size() != header + size) throw recur::Error(path + ": is not an IDX file of MNIST, or is cut");
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
  return bytes;
}

struct Digits {
  std::vector<unsigned char> pixels, labels;

  explicit Digits(const std::string& prefix)
      : pixels(read_idx(prefix + "-images-idx3-ubyte", std::array{kSide, kSide})),
        labels(read_idx(prefix + "-labels-idx1-ubyte", {})) {
    if (pixels.size() != labels.size() * kPixels) throw recur::Error(prefix + ": not as many images as labels");
  }

  recur::SequenceBatch batch(std::span<const std::size_t> chosen, std::size_t steps) const {
    recur::SequenceBatch result;
    result.lengths.assign(chosen.size(), steps);
    for (const std::size_t i : chosen) {
      result.classes.push_back(labels[i]);
      for (std::size_t k = 0; k < kPixels; ++k) {
        result.numbers.push_back(static_cast<float>(pixels[i * kPixels + k]) / 255);
      }
    }
    return result;
  }
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cout << "Usage: mnist FOLDER rows|pixels [CELL [HIDDEN [EPOCHS [BATCH [MINUTES [LEARNING_RATE [SEED]]]]]]]\n";
    return 0;
  }
  const std::string folder = argv[1], variant = argv[2];
  const auto number = [&](int index, double otherwise) { return argc > index ? std::atof(argv[index]) : otherwise; };
  if (variant != "rows" && variant != "pixels") throw recur::Error("expected rows or pixels, got " + variant);
  const std::size_t steps = variant == "rows" ? kSide : kPixels;
  const auto epochs = static_cast<std::size_t>(number(5, 10));
  const auto batch = static_cast<std::size_t>(number(6, 100));
  const double minutes = number(7, 60), learning_rate = number(8, 2e-3);

  const Digits digits(folder + "/train");
  if (digits.labels.size() <= kValidation) throw recur::Error(folder + ": expected more than 5000 digits");
  std::vector<std::size_t> order(digits.labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const recur::SequenceBatch validation = digits.batch(std::span(order).last(kValidation), steps);
  order.resize(order.size() - kValidation);
  if (batch < 1 || batch > order.size()) throw recur::Error("BATCH: expected a number from 1 to that of digits");

  recur::SequenceModelOptions options;
  options.network.cell = argc > 3 ? argv[3] : "lstm";
  options.network.layers = 1;
  options.network.hidden = static_cast<std::size_t>(number(4, 128));
  options.input = kPixels / steps;
  options.outputs = 10;
  options.readout = recur::Readout::last_step;
  options.clipping.limit = 1;
  options.seed = static_cast<std::uint64_t>(number(9, 1));
  recur::SequenceModel model(options);

  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const std::size_t batches = order.size() / batch;
  std::mt19937 random(static_cast<std::mt19937::result_type>(options.seed));
  double done = 0;  // share of the training
  for (std::size_t epoch = 0; epoch < epochs && done < 1; ++epoch) {
    std::ranges::shuffle(order, random);
    double loss = 0;
    std::size_t b = 0;
    for (; b < batches && done < 1; ++b) {
      const double rate = learning_rate * 0.5 * (1 + std::cos(M_PI * done));
      loss += model.train(digits.batch(std::span(order).subspan(b * batch, batch), steps), static_cast<float>(rate));
      done = std::max(static_cast<double>(epoch * batches + b + 1) / static_cast<double>(epochs * batches),
                      seconds() / (60 * minutes));
      if ((b + 1) % 50 == 0)
        std::fprintf(stderr, "epoch %zu, batch %zu of %zu: %.4f\n", epoch + 1, b + 1, batches,
                     loss / static_cast<double>(b + 1));
    }
    const recur::SequenceResult result = model.evaluate(validation);
    std::printf(
        "{\"cell\": \"%s\", \"variant\": \"%s\", \"hidden\": %zu, \"parameters\": %zu, \"epoch\": %zu, \"seconds\": "
        "%.0f, \"train_loss\": %.4f, \"valid_loss\": %.4f, \"valid_accuracy\": %.4f}\n",
        options.network.cell.c_str(), variant.c_str(), options.network.hidden, model.parameters(), epoch + 1, seconds(),
        loss / static_cast<double>(b), result.loss, result.correct);
    std::fflush(stdout);
  }
  if (std::ifstream(folder + "/t10k-images-idx3-ubyte")) {
    const Digits test(folder + "/t10k");
    std::vector<std::size_t> all(test.labels.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::printf("{\"test_accuracy\": %.4f}\n", model.evaluate(test.batch(all, steps)).correct);
  }
} catch (const std::exception& error) {
  std::cerr << "mnist: " << error.what() << '\n';
  return 1;
}
