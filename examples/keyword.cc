// A keyword spotter: sound comes in blocks, as a microphone gives it, and each word is told as soon as it is heard. The
// words here are tones that the program makes itself; a model of recur train classify --pooling last
// --bidirectional=false of real words is used the same way.
// Usage: keyword
#include <recur/recur.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kRate = 8000, kBlock = 160;  // 20 ms

std::vector<float> word(double pitch, double seconds, std::mt19937& random) {
  std::vector<float> samples;
  for (std::size_t n = 0; n < static_cast<std::size_t>(seconds * static_cast<double>(kRate)); ++n) {
    const double noise = static_cast<double>(random() % 1000) / 50000;
    samples.push_back(static_cast<float>(
        0.4 * std::sin(2 * M_PI * pitch * static_cast<double>(n) / static_cast<double>(kRate)) + noise));
  }
  return samples;
}

// silence: as quiet as a room.
double pitch_of(const std::string& label) { return label == "up" ? 900 : label == "down" ? 300 : 0; }

std::vector<recur::Record> draw(std::size_t count, std::mt19937 random) {
  std::vector<recur::Record> records;
  const std::string labels[] = {"up", "down", "silence"};
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& label = labels[i % 3];
    // What was before, then the word: the model must let go of the one for the other.
    std::vector<float> sound = word(pitch_of(labels[random() % 3]), 0.2, random);
    const std::vector<float> last =
        word(pitch_of(label) * (0.9 + 0.2 * static_cast<double>(random() % 100) / 100), 0.2, random);
    sound.insert(sound.end(), last.begin(), last.end());
    records.push_back({{"audio", recur::Numbers{{sound.begin(), sound.end()}, 1}}, {"label", label}});
  }
  return records;
}

recur::Model train() {
  recur::ClassifyOptions task;
  task.network = {.cell = "gru", .layers = 1, .hidden = 16};
  task.pooling = recur::Pooling::last;
  task.sound.sample_rate = kRate;
  task.sound.mels = 16;
  recur::Job job;
  job.task = task;
  job.records = [](std::uint64_t epoch) { return draw(90, std::mt19937(static_cast<unsigned>(epoch) + 1)); };
  job.validation_records = draw(30, std::mt19937(0));
  job.model = "keyword.safetensors";
  job.batch_tokens = 0;
  job.training.epochs = 12;
  job.training.batch = 15;
  job.training.schedule.learning_rate = 0.01F;
  return recur::Model::train(job);
}

// A word is told when it has been the most probable for so many frames.
class Spotter {
 public:
  explicit Spotter(const recur::Model& model) : listener_(model) {}

  void hear(std::span<const float> block) {
    listener_.push(block, [&](std::span<const float> outputs) {
      const auto best = static_cast<std::size_t>(std::ranges::max_element(outputs) - outputs.begin());
      held_ = best == last_ ? held_ + 1 : 0;
      last_ = best;
      ++frames_;
      if (held_ != kHeld || listener_.names()[best] == "silence") return;
      std::printf("%.2f s: %s\n", 0.01 * static_cast<double>(frames_), listener_.names()[best].c_str());
    });
  }

 private:
  static constexpr std::size_t kHeld = 5;
  recur::Listener listener_;
  std::size_t last_ = 0, held_ = 0, frames_ = 0;
};

}  // namespace

int main() try {
  Spotter spotter(train());
  std::mt19937 random(7);
  std::vector<float> sound;
  for (const char* label : {"silence", "up", "silence", "down", "up", "silence"}) {
    const std::vector<float> next = word(pitch_of(label), 0.4, random);
    sound.insert(sound.end(), next.begin(), next.end());
  }
  for (std::size_t first = 0; first < sound.size(); first += kBlock) {
    spotter.hear(std::span(sound).subspan(first, std::min(kBlock, sound.size() - first)));
  }
} catch (const std::exception& error) {
  std::cerr << "keyword: " << error.what() << '\n';
  return 1;
}
