// How layers read frames: several as one, each n-th step of the layer below, and with what training masks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "data/text_file.h"
#include "nn/inputs/inputs.h"
#include "support/error_of.h"
#include "support/records.h"

namespace recur::frames_input_test {
namespace {

constexpr const char* kRecords =
    "{\"label\": \"a\", \"sequence\": [[1, 5], [2, 4], [4, 5], [3, 1], [0, 2], [1, 1], [6, 3]]}\n"
    "{\"label\": \"b\", \"sequence\": [[0, 0]]}\n"
    "{\"label\": \"a\", \"sequence\": [[3, 5], [1, 6], [2, 2], [4, 0]]}\n"
    "{\"label\": \"b\", \"sequence\": [[3, 1], [2, 6]]}\n";

ClassifyOptions options_of(std::size_t stack, std::size_t every, bool bidirectional = true) {
  ClassifyOptions options;
  options.network = {.cell = "gru", .layers = 2, .hidden = 3, .every = every, .bidirectional = bidirectional};
  options.frames.stack = stack;
  options.pooling = Pooling::mean;
  return options;
}

struct FramesCase : RecordsCase {
  explicit FramesCase(const ClassifyOptions& options) : RecordsCase(options, kRecords) {}

  // What the layers read of all records while they are trained: [steps][width].
  std::vector<float> input(const FramesOptions& frames, const Noise& noise) const {
    Tape tape(true);
    const NumbersInput reader({"sequence", frames}, network->fields(), network->parameters(), "");
    const Batch all = make_batch(network->fields(), *records, batch);
    const Matrix x = tape.value(reader.read({tape, network->parameters(), noise}, all).values);
    return {x.data, x.data + x.rows * x.columns};
  }
};

TEST(FramesInput, GradientsAgreeWithDifferences) {
  for (const auto& [stack, every] : {std::pair{1, 2}, {2, 1}, {3, 2}, {1, 3}}) {
    for (const bool both : {false, true}) {
      FramesCase c(options_of(static_cast<std::size_t>(stack), static_cast<std::size_t>(every), both));
      SCOPED_TRACE(fmt::format("--stack {} --every {}, {}", stack, every, both));
      expect_gradients(c.mean_loss(), c.values(), 1e-3);
    }
  }
}

TEST(FramesInput, OfABatchIsThatOfEachRecord) {
  FramesCase c(options_of(2, 2));
  double sum = 0;
  for (const std::size_t record : c.batch) sum += c.nats(*c.records, {record});
  EXPECT_NEAR(c.nats(*c.records, c.batch), sum, 1e-5);
}

TEST(FramesInput, StacksFramesSideBySide) {
  FramesCase c(options_of(1, 1));
  const std::vector<float> one = c.input({}, Noise::silent()), three = c.input({.stack = 3}, Noise::silent());
  // Lengths 7 4 2 1 become 3 2 1 1; the first step of the first record has its first three frames.
  ASSERT_EQ(one.size(), 14U * 2);
  ASSERT_EQ(three.size(), 7U * 6);
  const std::size_t first[] = {0, 4, 7};  // rows of record 0 at steps 0, 1 and 2
  for (std::size_t frame = 0; frame < 3; ++frame) {
    for (std::size_t column = 0; column < 2; ++column) {
      EXPECT_EQ(three[frame * 2 + column], one[first[frame] * 2 + column]);
    }
  }
  // The last record has one frame, and nothing behind it.
  EXPECT_EQ(three[3 * 6 + 0], one[3 * 2 + 0]);
  for (std::size_t i = 2; i < 6; ++i) EXPECT_EQ(three[3 * 6 + i], 0);
}

TEST(FramesInput, MasksRunsInTrainingOnly) {
  FramesCase c(options_of(1, 1));
  const FramesOptions times{.time_masks = 2}, columns{.frequency_masks = 1, .frequency_mask = 1};
  const std::vector<float> plain = c.input({}, Noise(1, 0));
  EXPECT_EQ(c.input(times, Noise::silent()), plain);
  std::size_t masked_steps = 0, masked_columns = 0;
  for (std::uint64_t step = 0; step < 50; ++step) {
    const std::vector<float> timed = c.input(times, Noise(1, step));
    EXPECT_EQ(c.input(times, Noise(1, step)), timed);
    for (std::size_t row = 0; row < 14; ++row) {
      const bool masked = timed[row * 2] == 0 && timed[row * 2 + 1] == 0;
      masked_steps += masked ? 1 : 0;
      EXPECT_TRUE(masked || (timed[row * 2] == plain[row * 2] && timed[row * 2 + 1] == plain[row * 2 + 1]));
    }
    const std::vector<float> banded = c.input(columns, Noise(1, step));
    masked_columns += banded[0] == 0 || banded[1] == 0 ? 1 : 0;
    // Of the first record all steps or none.
    for (const std::size_t row : {4U, 7U, 9U}) {
      EXPECT_TRUE(plain[row * 2] == 0 || (banded[row * 2] == 0) == (banded[0] == 0));
    }
  }
  // Of two masks of at most a fifth of a record: of 7 steps 0 or 1 each, of shorter ones none.
  EXPECT_GT(masked_steps, 20U);
  EXPECT_LT(masked_steps, 100U);
  EXPECT_GT(masked_columns, 10U);
  EXPECT_LT(masked_columns, 40U);
}

TEST(FramesInput, HasNoiseInTrainingOnly) {
  FramesCase c(options_of(1, 1));
  const FramesOptions noisy{.noise = 0.5F};
  const std::vector<float> plain = c.input({}, Noise(1, 0));
  EXPECT_EQ(c.input(noisy, Noise::silent()), plain);
  double sum = 0, squares = 0;
  for (std::uint64_t step = 0; step < 100; ++step) {
    const std::vector<float> x = c.input(noisy, Noise(1, step));
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += x[i] - plain[i];
      squares += (x[i] - plain[i]) * (x[i] - plain[i]);
    }
  }
  EXPECT_NEAR(sum / 2800, 0, 0.04);
  EXPECT_NEAR(squares / 2800, 0.25, 0.03);
}

// A number for each step.
struct Copying {
  RecurrentOptions network{.cell = "gru", .layers = 2, .hidden = 3};
  FramesOptions frames;
};
void list_options(OptionList& list, Copying& o) {
  list_options(list, o.network);
  list_every(list, o.network);
  list_options(list, o.frames);
}
Recipe recipe(const Copying& o) {
  return {.fields = {{"sequence", NumbersSpec{}}, {"copy", NumbersSpec{}, true}},
          .input = {NumbersInputSpec{"sequence", o.frames}},
          .network = o.network,
          .head = ValuesSpec{.field = "copy"}};
}

TEST(FramesInput, OfATaskWithAPredictionAStepLeavesNoStepOut) {
  register_task<Copying>({.name = "copying", .unit = "sequence"});
  constexpr const char* kCopies =
      "{\"sequence\": [1, 2, 3], \"copy\": [1, 2, 3]}\n{\"sequence\": [4], \"copy\": [4]}\n";
  Copying every, stacked;
  every.network.every = 2;
  stacked.frames.stack = 2;
  EXPECT_EQ(error_of([&] { RecordsCase(every, kCopies); }),
            "--every: there is a prediction for each step; leave it out");
  EXPECT_EQ(error_of([&] { RecordsCase(stacked, kCopies); }),
            "--stack: there is a prediction for each step; leave it out");
}

}  // namespace
}  // namespace recur::frames_input_test
