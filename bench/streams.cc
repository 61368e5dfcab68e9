// Streams of an LSTM of two layers of 256 units over 100 characters: one after the other, and as one batch. Threads are
// those of the first argument.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/threads.h"
#include "recur/model.h"

namespace recur {
namespace {

constexpr std::size_t kVocabulary = 100;

struct Streams {
  Streams(const benchmark::State& timing, bool realtime) {
    set_thread_count(static_cast<std::size_t>(timing.range(0)));
    const Model model = Model::untrained({{.layers = 2, .hidden = 256}}, kVocabulary);
    streams.assign(static_cast<std::size_t>(timing.range(1)), model.stream({.realtime = realtime}));
    for (Stream& stream : streams) {
      all.push_back(&stream);
      tokens.push_back(static_cast<int>(all.size() * 7 % kVocabulary));
    }
    logits.resize(streams.size() * kVocabulary);
  }
  void count_steps(benchmark::State& timing) const {
    timing.counters["steps/s"] =
        benchmark::Counter(static_cast<double>(streams.size()), benchmark::Counter::kIsIterationInvariantRate);
  }

  std::vector<Stream> streams;
  std::vector<Stream*> all;
  std::vector<int> tokens;
  std::vector<float> logits;
};

void one_by_one(benchmark::State& timing, bool realtime) {
  Streams s(timing, realtime);
  for (auto _ : timing) {
    for (std::size_t i = 0; i < s.streams.size(); ++i) {
      s.streams[i].step(s.tokens[i], std::span(s.logits).subspan(i * kVocabulary, kVocabulary));
    }
  }
  s.count_steps(timing);
}

void together(benchmark::State& timing) {
  Streams s(timing, false);
  for (auto _ : timing) step_together(s.all, s.tokens, s.logits);
  s.count_steps(timing);
}

const std::vector<std::vector<std::int64_t>> kSizes = {{1, 2}, {1, 8, 64, 512}};
BENCHMARK_CAPTURE(one_by_one, as_is, false)->ArgsProduct(kSizes)->ArgNames({"threads", "streams"})->UseRealTime();
BENCHMARK_CAPTURE(one_by_one, realtime, true)->ArgsProduct(kSizes)->ArgNames({"threads", "streams"})->UseRealTime();
BENCHMARK(together)->ArgsProduct(kSizes)->ArgNames({"threads", "streams"})->UseRealTime();

}  // namespace
}  // namespace recur
