// Pictures of lines of text.
#include "data/frames/picture_file.h"

#include <gtest/gtest.h>

#include "../text_file.h"
#include "base/base64.h"
#include "base/temp_folder.h"
#include "support/error_of.h"
#include "support/sounds.h"

namespace recur::picture_file_test {
namespace {

class PictureFile : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_pictures()) GTEST_SKIP() << "built without pictures";
  }
  Frames read(const std::string& bytes, std::size_t height) const {
    return read_picture(folder.write("a.png", bytes), height);
  }
  std::string problem(const std::string& bytes) const {
    const std::string message = error_of([&] { read(bytes, 32); });
    const std::string path = folder.file("a.png") + ": ";
    EXPECT_TRUE(message.starts_with(path)) << message;
    return message.substr(std::min(path.size(), message.size()));
  }
  static void expect_near(const Frames& frames, const std::vector<float>& wanted) {
    ASSERT_EQ(frames.values.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(frames.values[i], wanted[i], 0.005) << "number " << i;
  }

  TempFolder folder;
};

TEST_F(PictureFile, IsItsColumns) {
  const std::string grey("\0\xFF\xFF\0\x33\xFF", 6);  // black, white, white; black, dark, white
  const Frames frames = read(png(grey, {.width = 3, .height = 2}), 2);
  EXPECT_EQ(frames.width, 2U);
  expect_near(frames, {1, 1, 0, 0.8F, 0, 0});
}

TEST_F(PictureFile, IsScaledToItsHeight) {
  const std::string grey("\0\xFF\0\xFF\xFF\xFF\0\0", 8);  // [2, 4]
  expect_near(read(png(grey, {.width = 4, .height = 2}), 1), {0.25F, 0.75F});
  const Frames larger = read(png(grey, {.width = 4, .height = 2}), 4);
  EXPECT_EQ(larger.steps(), 8U);
  expect_near({{larger.values.begin(), larger.values.begin() + 8}, 4}, {1, 1, 0, 0, 1, 1, 0, 0});
}

TEST_F(PictureFile, OfColoursSixteenBitsOrAlphaIsGrey) {
  expect_near(read(png(std::string("\xFF\xFF\xFF\0\0\0", 6), {.width = 2, .height = 1, .colour = 2}), 1), {0, 1});
  expect_near(read(png(std::string("\xFF\xFF\x33\x33\0\0", 6), {.width = 3, .height = 1, .colour = 0, .bytes = 2}), 1),
              {0, 0.8F, 1});
  // Black that cannot be seen is paper.
  expect_near(read(png(std::string("\0\0\0\xFF", 4), {.width = 2, .height = 1, .colour = 4}), 1), {0, 1});
  expect_near(read(png(std::string("\0\0\0\0\0\0\0\xFF", 8), {.width = 2, .height = 1, .colour = 6}), 1), {0, 1});
}

TEST_F(PictureFile, MayBeWide) {
  const Frames wide = read(png(std::string(20'000 * 32, '\x80'), {.width = 20'000, .height = 32}), 32);
  EXPECT_EQ(wide.steps(), 20'000U);
}

TEST_F(PictureFile, ThatIsNoneIsRefused) {
  EXPECT_TRUE(problem("").starts_with("expected a picture (PNG or JPEG); ")) << problem("");
  EXPECT_TRUE(problem("GIF89a, but no PNG").starts_with("expected a picture (PNG or JPEG); "));
  const std::string whole = png(std::string(64 * 64, '\x40'), {.width = 64, .height = 64});
  EXPECT_TRUE(problem(whole.substr(0, whole.size() - 20)).starts_with("expected a picture (PNG or JPEG); "));
  const std::string huge = png("", {.width = 1 << 15, .height = 1 << 15});
  EXPECT_EQ(problem(huge), "32768 x 32768 pixels; expected at most 16,777,216: make it smaller");
  const std::string flat = png(std::string(600'000, '\x40'), {.width = 600'000, .height = 1});
  EXPECT_EQ(problem(flat),
            "600000 x 1 pixels would be 19200000 wide at --height 32; expected at most 16,777,216 pixels");
}

// Red on the left, blue on the right: 8 rows of 16 pixels.
std::string jpeg() {
  return from_base64(
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO"
      "UlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P"
      "T09PT09PT0//wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF"
      "BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW"
      "V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi"
      "4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC"
      "AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm"
      "Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq"
      "8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDGrgPrjNr70+KP/9k=");
}

TEST_F(PictureFile, OfAnythingIsItsRows) {
  const std::string path =
      folder.write("a.png", png(std::string("\0\x33\xFF\xFF\0\0", 6), {.width = 2, .height = 1, .colour = 2}));
  const Frames colours = read_pixels(path, {1, 2, true});
  EXPECT_EQ(colours.width, 6U);
  expect_near(colours, {0, 0.2F, 1, 1, 0, 0});
  expect_near(read_pixels(path, {1, 1, true}), {0.5F, 0.1F, 0.5F});
  const Frames larger = read_pixels(path, {2, 2, true});
  EXPECT_EQ(larger.steps(), 2U);
  expect_near(larger, {0, 0.2F, 1, 1, 0, 0, 0, 0.2F, 1, 1, 0, 0});
  const std::string grey = folder.write("b.png", png(std::string("\0\xFF", 2), {.width = 2, .height = 1}));
  expect_near(read_pixels(grey, {1, 2, false}), {0, 1});
  expect_near(read_pixels(grey, {1, 1, true}), {0.5F, 0.5F, 0.5F});
}

TEST_F(PictureFile, MayBeJpeg) {
  const std::string path = folder.write("a.jpg", jpeg());
  const Frames frames = read_pixels(path, {1, 2, true});
  const std::vector<double> wanted = {200, 40, 40, 40, 40, 200};
  ASSERT_EQ(frames.values.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(255 * frames.values[i], wanted[i], 8) << i;
  EXPECT_EQ(read_picture(path, 4).steps(), 8U);
  folder.write("a.jpg", jpeg().substr(0, 600));
  EXPECT_TRUE(contains(error_of([&] {
                         read_pixels(path, {1, 2, true});
                       }),
                       "a.jpg: expected a picture (PNG or JPEG); "));
  folder.write("a.jpg", jpeg().substr(0, 20));
  EXPECT_TRUE(contains(error_of([&] {
                         read_pixels(path, {1, 2, true});
                       }),
                       "a.jpg: expected a picture (PNG or JPEG); "));
}

}  // namespace
}  // namespace recur::picture_file_test
