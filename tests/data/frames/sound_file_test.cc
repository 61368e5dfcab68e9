// Sound files: what is read of them, and what is refused.
#include "data/frames/sound_file.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "../text_file.h"
#include "base/temp_folder.h"
#include "support/error_of.h"
#include "support/sounds.h"

namespace recur::sound_file_test {
namespace {

class SoundFile : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_sound()) GTEST_SKIP() << "built without sound";
  }
  std::vector<float> read(const std::string& bytes, std::size_t rate = 16'000) const {
    return read_sound(folder.write("a.wav", bytes), rate);
  }
  // What is wrong with the bytes, without the path.
  std::string problem(const std::string& bytes) const {
    const std::string message = error_of([&] { read(bytes); });
    const std::string path = folder.file("a.wav") + ": ";
    EXPECT_TRUE(message.starts_with(path)) << message;
    return message.starts_with(path) ? message.substr(path.size()) : message;
  }
  static double energy(const std::vector<float>& x) {
    return std::inner_product(x.begin(), x.end(), x.begin(), 0.0) / static_cast<double>(x.size());
  }

  TempFolder folder;
};

TEST_F(SoundFile, HasItsSamples) {
  const std::vector<float> samples = {0, 0.5F, -0.5F, 0.25F};
  for (const std::size_t bits : {8, 16, 32}) {
    const std::vector<float> got = read(wav(samples, {.bits = bits}));
    ASSERT_EQ(got.size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      EXPECT_NEAR(got[i], samples[i], bits == 8 ? 0.01 : bits == 16 ? 1e-4 : 0) << bits << " bits, sample " << i;
    }
  }
}

TEST_F(SoundFile, IsTheMeanOfItsChannels) {
  const std::vector<float> five =
      read(wav({0.5F, 0, 0, 0, 0, 0.1F, 0.2F, 0.3F, 0.4F, 0.5F}, {.channels = 5, .bits = 32}));
  ASSERT_EQ(five.size(), 2U);
  EXPECT_FLOAT_EQ(five[0], 0.1F);
  EXPECT_FLOAT_EQ(five[1], 0.3F);
}

TEST_F(SoundFile, OfAnotherRateIsResampled) {
  for (const std::size_t rate : {8'000, 44'100}) {
    const std::vector<float> got = read(wav(tone(440, 0.5, rate), {.rate = rate}));
    EXPECT_NEAR(static_cast<double>(got.size()), 8'000, 2);
    EXPECT_NEAR(energy(got), 0.125, 0.002);
    // The same sine: what differs from one made at that rate is little, but at the ends.
    const std::vector<float> wanted = tone(440, 0.5);
    for (std::size_t i = 200; i + 200 < std::min(got.size(), wanted.size()); ++i) EXPECT_NEAR(got[i], wanted[i], 0.01);
  }
  // What half the rate cannot hold is gone.
  EXPECT_LT(energy(read(wav(tone(7'000, 0.5)), 8'000)), 1e-4);
}

// Tempo and pitch change together, in a file as in memory.
TEST_F(SoundFile, IsHeardAtAnotherSpeed) {
  const std::vector<float> samples = tone(440, 0.5);
  const std::string path = folder.write("a.wav", wav(samples, {.bits = 32}));
  for (const double speed : {0.9, 1.1}) {
    const std::vector<float> got = read_sound(path, 16'000, speed), wanted = tone(440 * speed, 0.5 / speed);
    EXPECT_NEAR(static_cast<double>(got.size()), 8'000 / speed, 2);
    for (std::size_t i = 200; i + 200 < got.size(); ++i) ASSERT_NEAR(got[i], wanted[i], 0.01) << speed << ", " << i;
    EXPECT_EQ(at_speed(samples, speed), got);
    // Of another rate, in one go.
    const std::vector<float> other =
        read_sound(folder.write("b.wav", wav(tone(440, 0.5, 8'000), {.rate = 8'000})), 16'000, speed);
    EXPECT_NEAR(static_cast<double>(other.size()), 8'000 / speed, 2);
    for (std::size_t i = 200; i + 200 < other.size(); ++i) ASSERT_NEAR(other[i], wanted[i], 0.01) << speed << ", " << i;
  }
  EXPECT_EQ(read_sound(path, 16'000, 1), samples);
}

TEST_F(SoundFile, ThatIsNoneIsRefused) {
  EXPECT_TRUE(problem("").starts_with("expected a sound (WAV, FLAC, Ogg); ")) << problem("");
  EXPECT_TRUE(problem("no sound at all, but a text").starts_with("expected a sound")) << problem("no sound");
  EXPECT_EQ(problem(wav({})), "has no samples; expected a sound");
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  EXPECT_EQ(problem(wav({0, 0, nan}, {.bits = 32})), "sample 3 is not a finite number");
  EXPECT_EQ(problem(wav({infinite}, {.bits = 32})), "sample 1 is not a finite number");
  EXPECT_TRUE(problem(wav({0, 0.5F}, {.rate = 16})).starts_with("has 16 samples a second; expected from 63 to 4096000"))
      << problem(wav({0, 0.5F}, {.rate = 16}));
  const std::string missing = folder.file("missing.wav");
  EXPECT_TRUE(contains(error_of([&] { read_sound(missing, 16'000); }), "No such file")) << missing;
  EXPECT_NE(error_of([&] { read_sound(folder.path(), 16'000); }), "");
}

TEST_F(SoundFile, ThatWasCutIsRefused) {
  const std::string whole = wav(tone(440, 0.1));
  const std::string cut = whole.substr(0, whole.size() / 2);
  EXPECT_EQ(problem(cut), "is cut off: " + std::to_string(cut.size()) + " bytes of " + std::to_string(whole.size()));
  // Of Ogg the last page says how long it is: here of two segments, of 10 and 20 bytes.
  const std::string header = "OggS" + std::string(22, '\0') + "\x02\x0A\x14";
  EXPECT_EQ(problem(header + std::string(30, 'x') + header + std::string(29, 'x')),
            "is cut off: its last page has 58 bytes of 59");
  EXPECT_EQ(problem(header + std::string(30, 'x') + header.substr(0, 20)),
            "is cut off: its last page has 20 bytes of 27");
  EXPECT_EQ(problem(header + std::string(30, 'x')).find("cut off"), std::string::npos);
  // What a pipe wrote does not know how long it is.
  std::string piped = cut;
  for (const std::size_t size : {4U, 40U}) piped.replace(size, 4, "\xFF\xFF\xFF\x7F");
  EXPECT_GT(read(piped).size(), 700U);
}

TEST_F(SoundFile, ThatIsTooShortForAnotherRateIsRefused) {
  EXPECT_EQ(problem(wav({0.5F}, {.rate = 96'000})), "is too short: nothing is left of its 1 samples at 16000 a second");
}

// Of 16 bits, each the nearest.
TEST_F(SoundFile, IsWrittenRounded) {
  const std::vector<float> samples = {0.7F / 32768, -0.7F / 32768, 0.2F / 32768, 2, -2, 1, -1};
  const std::vector<float> wanted = {1.0F / 32768, -1.0F / 32768, 0, 32767.0F / 32768, -1, 32767.0F / 32768, -1};
  for (const char* name : {"a.wav", "a.flac"}) {
    EXPECT_EQ(write_sound(folder.file(name), samples, 16'000), 2U);
    EXPECT_EQ(read_sound(folder.file(name), 16'000), wanted) << name;
  }
}

TEST_F(SoundFile, OfHoursIsRefused) {
  const std::string hours = wav_of_bytes(std::string(2 * 3600 * 16'000, '\x80'), {.bits = 8});
  EXPECT_EQ(problem(hours), "longer than 16,777,216 samples, 1048 s at 16000 a second; cut it into parts");
}

}  // namespace
}  // namespace recur::sound_file_test
