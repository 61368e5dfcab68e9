// Handwritten digits read as sequences: row by row, 28 steps of 28 numbers, or pixel by pixel, 784 steps of one (Le,
// Jaitly & Hinton 2015). FOLDER holds MNIST's files, unpacked (gunzip): train-images-idx3-ubyte and
// train-labels-idx1-ubyte, of which the last 5000 digits are for validation, and, if there, t10k-images-idx3-ubyte and
// t10k-labels-idx1-ubyte for the test at the end. The learning rate falls along half a cosine to the end of the epochs
// or of the time limit, whichever comes first. The model is in mnist.safetensors. A JSON object an epoch goes to
// stdout.
// Usage: mnist FOLDER rows|pixels [CELL [HIDDEN [EPOCHS [BATCH [MINUTES [LEARNING_RATE [SEED]]]]]]]
#include <recur/recur.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
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

  // Digit i as a sequence of so many steps.
  recur::Record record(std::size_t i, std::size_t steps) const {
    recur::Numbers sequence{{}, kPixels / steps};
    for (std::size_t k = 0; k < kPixels; ++k) sequence.values.push_back(pixels[i * kPixels + k]);
    return {{"label", std::to_string(labels[i])}, {"sequence", sequence}};
  }
  std::vector<recur::Record> records(std::size_t first, std::size_t count, std::size_t steps) const {
    std::vector<recur::Record> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(record(first + i, steps));
    return all;
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

  const Digits digits(folder + "/train");
  const std::size_t count = digits.labels.size();
  if (count <= kValidation) throw recur::Error(folder + ": expected more than 5000 digits");

  recur::ClassifyOptions task;
  task.network = {.cell = argc > 3 ? argv[3] : "lstm", .layers = 1, .hidden = static_cast<std::size_t>(number(4, 128))};
  task.pooling = recur::Pooling::last;
  recur::Job job;
  job.task = task;
  job.data = folder + ", " + variant;
  job.records = [&](std::uint64_t) { return digits.records(0, count - kValidation, steps); };
  job.validation_records = digits.records(count - kValidation, kValidation, steps);
  job.model = "mnist.safetensors";
  job.batch_tokens = 0;
  job.training.epochs = static_cast<std::uint64_t>(number(5, 10));
  job.training.batch = static_cast<std::size_t>(number(6, 100));
  job.training.time_limit = 60 * number(7, 60);
  job.training.schedule.learning_rate = static_cast<float>(number(8, 2e-3));
  job.training.clipping.limit = 1;
  job.training.seed = static_cast<std::uint64_t>(number(9, 1));
  recur::TrainingHooks hooks;
  hooks.report = [&](const recur::TrainingReport& r) {
    if (!r.valid_loss) return;
    std::printf(
        "{\"cell\": \"%s\", \"variant\": \"%s\", \"hidden\": %zu, \"epoch\": %llu, \"seconds\": %.0f, "
        "\"train_loss\": %.4f, \"valid_loss\": %.4f, \"valid_accuracy\": %.4f}\n",
        task.network.cell.c_str(), variant.c_str(), task.network.hidden, static_cast<unsigned long long>(r.epoch),
        r.seconds, r.train_loss, *r.valid_loss, r.valid_measure);
    std::fflush(stdout);
  };
  const recur::Model model = recur::Model::train(job, hooks);
  if (std::ifstream(folder + "/t10k-images-idx3-ubyte")) {
    const Digits test(folder + "/t10k");
    std::printf("%s\n", model.evaluate(test.records(0, test.labels.size(), steps)).metrics.c_str());
  }
} catch (const std::exception& error) {
  std::cerr << "mnist: " << error.what() << '\n';
  return 1;
}
