#include "io/midi_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace recur::midi_file_test {
namespace {

std::string hex_of(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02X}", static_cast<unsigned char>(byte));
  return hex;
}

// Written down by hand from the standard: a header of format 0, one track, 480 ticks; a tempo of 500,000 µs; C for a
// quarter note, 480 ticks or 83 60, then E for half of one, 240 or 81 70.
TEST(MidiFile, IsAsTheStandardHasIt) {
  const Score score{"", 120, {{60, 0, 1}, {64, 1, 0.5}}};
  EXPECT_EQ(hex_of(midi_bytes(score)),
            "4D546864"
            "00000006"
            "0000"
            "0001"
            "01E0"
            "4D54726B"
            "0000001D"
            "00FF5103"
            "07A120"
            "00903C50"
            "8360803C00"
            "00904050"
            "8170804000"
            "00FF2F00");
}

TEST(MidiFile, HasItsNameAndTempo) {
  const std::string hex = hex_of(midi_bytes({"Ab", 90, {}}));
  EXPECT_EQ(hex,
            "4D546864"
            "00000006"
            "0000"
            "0001"
            "01E0"
            "4D54726B"
            "00000011"
            "00FF03024162"
            "00FF5103"
            "0A2C2B"
            "00FF2F00");
}

// A note ends before the next of its kind begins, wherever it stands in the score; none ends as it begins.
TEST(MidiFile, EndsNotesBeforeTheyAreStruckAgain) {
  const std::string hex = hex_of(midi_bytes({"", 120, {{60, 1, 1e-9}, {60, 0, 1}, {67, 0, 1}}}));
  EXPECT_NE(hex.find("00903C50"
                     "00904350"
                     "8360803C00"
                     "00804300"
                     "00903C50"
                     "01803C00"),
            hex.npos)
      << hex;
}

}  // namespace
}  // namespace recur::midi_file_test
