#include "infer/held_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace recur::held_text_test {
namespace {

// What is written of a text that comes byte by byte, '|' after each piece; "." at its end where a stop has come.
std::string written(const std::string& text, std::vector<std::string> stops = {}) {
  std::string all;
  HeldText held(std::move(stops), [&](std::string_view piece) { all += std::string(piece) + "|"; });
  for (const char byte : text) {
    if (!held.add({&byte, 1})) return all + ".";
  }
  held.flush();
  return all;
}

TEST(HeldText, WritesWholeCharacters) {
  EXPECT_EQ(written("aé漢"), "a|é|漢|");
  EXPECT_EQ(written("a\xC3"), "a|");
  EXPECT_EQ(written("漢\xE5\xAD"), "漢|");
  EXPECT_EQ(written("\xF0\x9F\x98"), "");
  EXPECT_EQ(written("a\xA9"), "a|\xA9|");  // no character begins there
}

TEST(HeldText, HoldsBackWhatMayEndIt) {
  EXPECT_EQ(written("one END two", {"END"}), "o|n|e| |.");
  EXPECT_EQ(written("EN EN", {"END"}), "EN |EN|");
  EXPECT_EQ(written("aéb", {"éb"}), "a|.");
  EXPECT_EQ(written("aé", {"éb"}), "a|é|");
}

}  // namespace
}  // namespace recur::held_text_test
