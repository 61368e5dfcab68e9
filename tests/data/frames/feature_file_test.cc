// Files of frames that other programs have computed.
#include "data/frames/feature_file.h"

#include <gtest/gtest.h>

#include <bit>

#include "../array_bytes.h"
#include "../text_file.h"
#include "base/temp_folder.h"
#include "support/error_of.h"

namespace recur::feature_file_test {
namespace {

std::string floats(const std::vector<float>& values, bool big_endian = false) {
  std::string bytes;
  for (const float x : values) bytes += number_bytes(std::bit_cast<std::uint32_t>(x), 4, big_endian);
  return bytes;
}

struct FeatureFile : testing::Test {
  std::string path(const std::string& bytes) const { return folder.write("f", bytes); }
  std::string message(const std::string& whole) const {
    const std::string name = folder.file("f");
    return whole.starts_with(name) ? whole.substr(name.size()) : whole;
  }

  TempFolder folder;
};

TEST_F(FeatureFile, OfNumPyIsStepsByWidth) {
  const Frames two = read_npy_frames(path(npy("<f4", "(3, 2)", floats({1, 2, 3, 4, 5, 6}))));
  EXPECT_EQ(two.width, 2U);
  EXPECT_EQ(two.values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read_npy_frames(path(npy("<f4", "(3,)", floats({1, 2, 3})))).width, 1U);
  const auto problem = [&](const std::string& bytes) {
    return message(error_of([&] { read_npy_frames(path(bytes)); }));
  };
  EXPECT_EQ(problem(npy("<f4", "(0, 2)", "")), ": has no frames; expected at least one");
  EXPECT_EQ(problem(npy("<f4", "(1, 1, 1)", floats({1}))), ": expected numbers [steps, width], got 3 axes");
  EXPECT_EQ(problem(npy("<f4", "(1, 2)", floats({1, NAN}))), ": expected finite numbers, got nan in frame 1, column 2");
}

TEST_F(FeatureFile, OfSphinxIsACountAndFloats) {
  for (const bool big : {true, false}) {
    const Frames frames = read_sphinx_frames(path(number_bytes(6, 4, big) + floats({1, 2, 3, 4, 5, 6}, big)), 3);
    EXPECT_EQ(frames.width, 3U);
    EXPECT_EQ(frames.values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  }
  const auto problem = [&](const std::string& bytes) {
    return message(error_of([&] { read_sphinx_frames(path(bytes), 3); }));
  };
  EXPECT_EQ(problem(""), ": expected a count of numbers and so many floats of 4 bytes, got 0 bytes that are none");
  EXPECT_EQ(problem(number_bytes(7, 4, true) + floats({1, 2, 3}, true)),
            ": expected a count of numbers and so many floats of 4 bytes, got 16 bytes that are none");
  EXPECT_EQ(problem(number_bytes(4, 4, true) + floats({1, 2, 3, 4}, true)),
            ": 4 numbers are no rows of 3; give their width: --coefficients N");
  EXPECT_EQ(problem(number_bytes(0, 4, true)), ": has no frames; expected at least one");
}

TEST_F(FeatureFile, OfKaldiIsAMatrixOfATextArchive) {
  folder.write("a.ark", "one  [\n  1 2\n  3 4 ]\ntwo  [\n  5 6.5 ]\n");
  const std::string ark = folder.file("a.ark");
  KaldiArchives archives;
  EXPECT_EQ(archives.read(ark).values, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(archives.read(ark + ":two").values, (std::vector<float>{5, 6.5F}));
  EXPECT_EQ(archives.read(ark + ":one").width, 2U);
  EXPECT_EQ(error_of([&] { archives.read(ark + ":three"); }), ark + ": has no matrix \"three\"");
  const auto problem = [&](const std::string& text) {
    return message(error_of([&] { KaldiArchives().read(path(text)); }));
  };
  EXPECT_EQ(problem("k [\n1 2\n3 ]\n"), ": line 3: expected 2 numbers in every row, got 1");
  EXPECT_EQ(problem("k [\n1 x ]\n"), ": line 2: expected numbers or ], got \"x\"");
  EXPECT_EQ(problem("k [\n1 2\n"), ": line 2: expected ] after the rows of a matrix, got the end of the file");
  EXPECT_EQ(problem("k [ ]\n"), ": has no frames; expected at least one");
  EXPECT_EQ(problem("nothing\n"), ": expected a text archive of Kaldi: KEY  [, rows of numbers, ]");
}

}  // namespace
}  // namespace recur::feature_file_test
