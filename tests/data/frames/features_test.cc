// Features of sounds, against their equations (scripts/make_golden_sound.py).
#include "data/frames/features.h"

#include <gtest/gtest.h>

#include "../text_file.h"
#include "data/frames/frame_reader.h"
#include "data/frames/sound_file.h"
#include "support/error_of.h"
#include "support/golden.h"

namespace recur::features_test {
namespace {

class Features : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_sound()) GTEST_SKIP() << "built without sound";
  }
  static void expect_golden(const char* name, const SoundOptions& options) {
    const GoldenFile golden("sound");
    Cell samples = Numbers{golden.values("samples"), 1};
    const Frames frames = FrameReader({"audio", CellKind::frames, false, options}).read(samples);
    const std::vector<double> wanted = golden.values(name);
    ASSERT_EQ(frames.values.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_NEAR(frames.values[i], wanted[i], 2e-3)
          << name << " of frame " << i / frames.width << ", column " << i % frames.width;
    }
  }
  static constexpr SoundOptions kSmall{.mels = 20, .sample_rate = 8'000};
};

TEST_F(Features, AreWhatTheirEquationsSay) {
  expect_golden("fbank", kSmall);
  SoundOptions mfcc = kSmall;
  mfcc.features = recur::Features::mfcc;
  mfcc.deltas = 2;
  expect_golden("mfcc_deltas", mfcc);
}

TEST_F(Features, OfAShortSoundAreOneFrame) {
  const std::vector<float> few(7, 0.25F);
  for (const recur::Features kind : {recur::Features::fbank, recur::Features::mfcc}) {
    SoundOptions options = kSmall;
    options.features = kind;
    const Frames frames = FeatureMaker(options)(few);
    EXPECT_EQ(frames.steps(), 1U);
    EXPECT_EQ(frames.width, kind == recur::Features::fbank ? 20U : 13U);
  }
  // Silence has the least energy, not minus infinity.
  for (const float x : FeatureMaker(kSmall)(std::vector<float>(500, 0.0F)).values) EXPECT_NEAR(x, -23.0259, 1e-3);
}

TEST_F(Features, MayBeTheSamples) {
  SoundOptions options;
  options.features = recur::Features::samples;
  const std::vector<float> samples = {0.5F, -0.25F, 0};
  EXPECT_EQ(FeatureMaker(options)(samples).values, samples);
}

TEST_F(Features, ThatMakeNoSenseAreRefused) {
  SoundOptions many{.mels = 200, .sample_rate = 8'000};
  EXPECT_TRUE(error_of([&] { FeatureMaker{many}; }).starts_with("--mels: 200 bands are too many for frames of 25 ms"));
  SoundOptions more{.features = recur::Features::mfcc, .mels = 20, .coefficients = 21};
  EXPECT_EQ(error_of([&] { FeatureMaker{more}; }), "--coefficients: expected at most 20, as many as --mels, got 21");
  SoundOptions brief{.frame_ms = 1, .sample_rate = 1000};
  EXPECT_EQ(error_of([&] { FeatureMaker{brief}; }), "--frame-ms: 1 ms are less than two samples; expected more");
  SoundOptions still{.frame_ms = 100, .hop_ms = 1, .sample_rate = 500};
  EXPECT_EQ(error_of([&] { FeatureMaker{still}; }), "--hop-ms: 1 ms are less than a sample; expected more");
}

TEST(Deltas, AreSlopes) {
  const Frames line{{0, 10, 1, 12, 2, 14, 3, 16, 4, 18, 5, 20}, 2};  // columns that rise by 1 and by 2 a step
  const Frames all = with_deltas(line, 2);
  ASSERT_EQ(all.width, 6U);
  ASSERT_EQ(all.steps(), 6U);
  EXPECT_FLOAT_EQ(all.values[2 * 6 + 0], 2);
  EXPECT_FLOAT_EQ(all.values[2 * 6 + 2], 1);
  EXPECT_FLOAT_EQ(all.values[2 * 6 + 3], 2);
  EXPECT_FLOAT_EQ(all.values[0 * 6 + 2], 0.5F);  // the first step again before it: (1 - 0 + 2 (2 - 0)) / 10
}

TEST(Normalize, GivesEachColumnMean0AndDeviation1) {
  Frames frames{{1, 5, 3, 5, 5, 5, 7, 5}, 2};
  normalize(frames);
  const float far = 3 / std::sqrt(5.0F);
  const float wanted[] = {-far, 0, -far / 3, 0, far / 3, 0, far, 0};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_FLOAT_EQ(frames.values[i], wanted[i]);
}

}  // namespace
}  // namespace recur::features_test
