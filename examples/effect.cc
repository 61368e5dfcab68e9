// An audio effect in real time: block in, block out, as a plug-in does it. It learns a distortion with a knob from
// sounds that it makes itself, or takes a model that recur train effect has made, then processes sound in blocks, a
// second or, of a MODEL, ten, while its knobs turn from one end to the other, and says how many times faster than real
// time that was, on one thread. Usage: effect [MODEL [BLOCK]]
#include <recur/recur.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <vector>

namespace {

constexpr double kRate = 44'100;

// A chord that fades.
std::vector<double> sound(std::size_t samples, double pitch) {
  std::vector<double> result;
  for (std::size_t n = 0; n < samples; ++n) {
    const double t = static_cast<double>(n) / kRate;
    const double tone = std::sin(2 * M_PI * pitch * t) + 0.6 * std::sin(3 * M_PI * pitch * t);
    result.push_back(0.5 * std::exp(-2 * t) * tone);
  }
  return result;
}

recur::Record pair(double pitch, double drive) {
  const std::vector<double> dry = sound(4000, pitch);
  std::vector<double> wet;
  for (const double x : dry) wet.push_back(std::tanh(drive * x));
  return {{"input", recur::Numbers{dry, 1}}, {"output", recur::Numbers{wet, 1}}, {"drive", recur::Numbers{{drive}, 1}}};
}

recur::Model train() {
  recur::Job job;
  job.task = recur::EffectOptions{.network = {.layers = 1, .hidden = 16}, .warm_up = 100, .knobs = "drive"};
  job.records = [](std::uint64_t) {
    std::vector<recur::Record> pairs;
    for (int i = 0; i < 8; ++i) pairs.push_back(pair(110 * std::pow(2, i / 6.0), 2 + i % 3));
    return pairs;
  };
  job.validation_records = {pair(150, 2.5), pair(300, 3.5)};
  job.model = "effect.safetensors";
  job.training.batch = 8;
  job.training.unroll = 500;
  job.training.epochs = 15;
  job.training.schedule.learning_rate = 0.01F;
  const recur::Model model = recur::Model::train(job);
  std::cout << model.evaluate(job.validation_records).metrics << '\n';
  return model;
}

// What a plug-in is: it keeps a stream, and is called with blocks. Nothing in it takes memory, starts a thread or
// waits.
class Plugin {
 public:
  explicit Plugin(const recur::Model& model) : stream_(model.stream({.realtime = true})), knobs_(model.knobs()) {
    turn(0);
  }

  // All knobs at once, between two blocks: a share of their way.
  void turn(double share) {
    for (const recur::KnobRange& knob : knobs_) stream_.set_knob(knob.name, std::lerp(knob.low, knob.high, share));
  }
  // In place.
  void process(std::span<float> block) {
    for (float& sample : block) stream_.step({&sample, 1}, {&sample, 1});
  }

 private:
  recur::Stream stream_;
  std::vector<recur::KnobRange> knobs_;
};

}  // namespace

int main(int argc, char** argv) try {
  const recur::Model model = argc > 1 ? recur::Model::load(argv[1]) : train();
  const std::size_t block = argc > 2 ? static_cast<std::size_t>(std::atoll(argv[2])) : 64;
  const double seconds = argc > 1 ? 10 : 1;
  const std::vector<double> dry = sound(static_cast<std::size_t>(seconds * kRate), 196);
  std::vector<float> samples(dry.begin(), dry.end());
  Plugin plugin(model);
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t first = 0; first < samples.size(); first += block) {
    plugin.turn(static_cast<double>(first) / static_cast<double>(samples.size()));
    plugin.process(std::span(samples).subspan(first, std::min(block, samples.size() - first)));
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%.1f s of sound in blocks of %zu: %.1f times real time, %.0f ns a sample\n", seconds, block,
              seconds / took, 1e9 * took / static_cast<double>(samples.size()));
} catch (const std::exception& error) {
  std::cerr << "effect: " << error.what() << '\n';
  return 1;
}
