// Streams of random numbers by name, and the masks that are drawn from them.
#include "autograd/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "autograd/operations.h"

namespace recur::noise_test {
namespace {

using Words = std::array<std::uint32_t, 4>;

Words first_words(const Noise& noise) { return noise.stream().block(noise.position()); }

TEST(Noise, TheSamePathIsTheSameStream) {
  const Noise noise(7, 3), again(7, 3);
  EXPECT_EQ(first_words(noise.child("decoder").child("upper").child(2)),
            first_words(again.child("decoder").child("upper").child(2)));
}

TEST(Noise, SeedStepNameNumberAndTheirOrderAllMatter) {
  const Noise noise(7, 3);
  const std::vector<Noise> all = {noise,
                                  Noise(8, 3),
                                  Noise(7, 4),
                                  noise.child("encoder"),
                                  noise.child("decoder"),
                                  noise.child("encoder").child("upper"),
                                  noise.child("upper").child("encoder"),
                                  noise.child("encoderupper"),
                                  noise.child(0),
                                  noise.child(1),
                                  noise.child(0).child(1),
                                  noise.child(1).child(0),
                                  noise.child(0x100),
                                  noise.child('#'),
                                  noise.child("0"),
                                  noise.child("")};
  std::set<Words> different;
  for (const Noise& one : all) different.insert(first_words(one));
  EXPECT_EQ(different.size(), all.size());
}

// More than any network has: parts, what they draw, layers, directions and states.
TEST(Noise, NoTwoPathsOfALargeNetworkShareAStream) {
  std::set<Words> different;
  std::size_t count = 0;
  for (const std::string_view part : {"encoder", "decoder", "letters", "upper", "rnn"}) {
    for (const std::string_view use : {"weights", "states", "zoneout", "after"}) {
      for (std::size_t layer = 0; layer < 32; ++layer) {
        for (std::size_t direction = 0; direction < 2; ++direction) {
          for (std::size_t slot = 0; slot < 8; ++slot, ++count) {
            const Noise path = Noise(1, 0).child(part).child("rnn").child(use).child(layer);
            different.insert(first_words(path.child(direction).child(slot)));
          }
        }
      }
    }
  }
  EXPECT_EQ(different.size(), count);
}

// Which of 64 ones each operation keeps under a noise.
std::vector<std::vector<float>> kept(const Noise& noise) {
  constexpr std::size_t kRows = 8, kWidth = 8;
  std::vector<float> ones(kRows * kWidth, 1.0F), gradient(kRows * kWidth);
  const Parameter table{ones.data(), gradient.data(), kRows, kWidth};
  const Steps steps = Steps::rectangle(kRows, 1);
  const std::vector<int> indices = {0, 1, 2, 3, 4, 5, 6, 7};
  Tape tape;
  const Var x = tape.add(ones.data(), kRows, kWidth);
  const float* const results[] = {
      tape.value(dropout(tape, x, 0.5F, noise)).data, tape.value(sequence_dropout(tape, x, steps, 0.5F, noise)).data,
      tape.value(embedding(tape, table, indices, 0.5F, noise)).data, drop_weights(tape, table, 0.5F, noise).value};
  std::vector<std::vector<float>> all;
  for (const float* result : results) all.emplace_back(result, result + kRows * kWidth);
  return all;
}

TEST(Noise, EveryOperationDrawsFromWhatItIsGiven) {
  const Noise noise(2, 5);
  const auto encoder = kept(noise.child("encoder")), decoder = kept(noise.child("decoder"));
  EXPECT_EQ(encoder, kept(noise.child("encoder")));
  for (std::size_t i = 0; i < encoder.size(); ++i) {
    EXPECT_NE(encoder[i], decoder[i]) << i;
    EXPECT_GT(std::ranges::count(encoder[i], 0.0F), 0) << i;
    EXPECT_GT(std::ranges::count(encoder[i], 2.0F), 0) << i;
  }
}

TEST(Noise, SilentDropsNothingNorDoItsChildren) {
  static_assert(!Noise::silent().child("decoder").child(1).active());
  for (const auto& values : kept(Noise::silent().child("decoder"))) EXPECT_EQ(std::ranges::count(values, 1.0F), 64);
}

}  // namespace
}  // namespace recur::noise_test
