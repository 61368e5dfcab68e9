// What include/recur/stream.h promises of memory, threads and the stack.
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <thread>
#include <vector>

#include "recur/recur.h"
#include "support/cells.h"
#include "support/counted_memory.h"
#include "support/settings.h"
#include "support/stack_depth.h"
#include "support/streams.h"

namespace recur::stream_realtime_test {
namespace {

constexpr std::size_t kVocabulary = 100;

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

Model lstm_256() { return Model::untrained({{.layers = 2, .hidden = 256}}, kVocabulary); }

TEST(StreamMemory, AThousandStreamsTakeAtMostEightKilobytesEach) {
  constexpr std::size_t kStreams = 1000, kMost = 8000;
  const Model model = lstm_256();
  for (const bool realtime : {false, true}) {
    std::vector<float> logits(kVocabulary);
    Stream first = model.stream({.realtime = realtime});  // what packs the weights
    first.step(1, logits);
    const std::size_t before = bytes_held();
    std::vector<Stream> streams(kStreams, first);
    for (Stream& stream : streams) stream.step(2, logits);
    const std::size_t each = (bytes_held() - before) / kStreams;
    EXPECT_LE(each, kMost);
    EXPECT_GE(each, 2 * 2 * 256 * sizeof(float));
    RecordProperty("bytes", static_cast<int>(each));
  }
}

// Two layers of a cell: with the scratch of a step on the stack, and too wide for that.
class RealTime : public EveryCell {
 protected:
  std::vector<LanguageModelOptions> kinds() const {
    LanguageModelOptions narrow{{.cell = GetParam(), .layers = 2, .hidden = 72, .window = 2}, 24};
    narrow.layer_norm = true;
    narrow.connection = Connection::highway;
    LanguageModelOptions wide{{.cell = GetParam(), .layers = 2, .hidden = 1100}};
    if (GetParam() == "ngram") wide.embedding = 1100;
    return {narrow, wide};
  }
};
INSTANTIATE_TEST_SUITE_P(Cells, RealTime, every_cell(), cell_test_name);

TEST_P(RealTime, TakesNoMemoryAndNoThread) {
  const WithThreads four(4);
  for (const LanguageModelOptions& options : kinds()) {
    const Model model = Model::untrained(options, kVocabulary);
    Stream stream = model.stream({.realtime = true});
    const Stream snapshot = stream;
    std::vector<float> logits(kVocabulary);
    std::size_t taken = 0, started = 0;
    // On a thread that has never stepped.
    std::thread([&] {
      const std::size_t allocations_before = allocations(), threads_before = threads_of_this_process();
      const std::size_t own = allocations() - allocations_before;  // counting threads takes memory
      for (int i = 0; i < 12; ++i) stream.step(i, logits);         // some before threads would be tried, some after
      stream.state(0, 0)[0] = 1;
      stream = snapshot;
      stream.step(1, logits);
      stream.reset();
      taken = allocations() - allocations_before - own;
      started = threads_of_this_process() - threads_before;
    }).join();
    EXPECT_EQ(taken, 0U) << options.hidden;
    EXPECT_EQ(started, 0U) << options.hidden;
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

TEST_P(RealTime, LeavesASmallStack) {
  constexpr std::size_t kMost = 32 << 10;
  for (const LanguageModelOptions& options : kinds()) {
    const Model model = Model::untrained(options, kVocabulary);
    for (const SimdLevel level : simd_levels()) {
      SCOPED_TRACE(testing::Message() << options.hidden << " units, " << simd_name(level));
      const WithSimdLevel set(level);
      Stream stream = model.stream({.realtime = true});
      std::vector<float> logits(kVocabulary);
      EXPECT_LE(stack_depth([&] { stream.step(1, logits); }), kMost);
    }
  }
}

// The largest scratch that lies there.
TEST(RealTimeStack, OfAnLstm) {
  std::size_t deepest = 0;
  for (std::size_t hidden = 256; hidden <= 1024; hidden += 64) {
    const Model model = Model::untrained({{.layers = 2, .hidden = hidden}}, kVocabulary);
    Stream stream = model.stream({.realtime = true});
    std::vector<float> logits(kVocabulary);
    deepest = std::max(deepest, stack_depth([&] { stream.step(1, logits); }));
  }
  EXPECT_LE(deepest, std::size_t{32} << 10);
  RecordProperty("bytes", static_cast<int>(deepest));
}

#endif

}  // namespace
}  // namespace recur::stream_realtime_test
