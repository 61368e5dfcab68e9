#include "io/midi_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>

#include "base/error.h"

namespace recur {
namespace {

constexpr int kMostQuarters = 0x0FFFFFFF / kMidiDivision;  // in ticks, what four bytes of seven bits hold
constexpr int kMostNumber = 127;
constexpr double kSlowest = 10, kFastest = 1000;
constexpr char kNoteOn = '\x90', kNoteOff = '\x80', kMeta = '\xFF';
constexpr char kVelocity = 80;
constexpr char kTrackName = 0x03, kEndOfTrack = 0x2F, kSetTempo = 0x51;

// `bytes` bytes of a number, the highest first.
std::string number_bytes(std::uint32_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xFF);
  return text;
}

// Seven bits a byte, the highest first; all but the last byte have their eighth bit set.
std::string variable_length(std::uint32_t number) {
  std::string text(1, static_cast<char>(number & 0x7F));
  while ((number >>= 7) > 0) text.insert(text.begin(), static_cast<char>((number & 0x7F) | 0x80));
  return text;
}

std::string meta_event(char type, const std::string& data) {
  return variable_length(0) + kMeta + type + variable_length(static_cast<std::uint32_t>(data.size())) + data;
}

std::uint32_t ticks(double quarters) { return static_cast<std::uint32_t>(std::round(quarters * kMidiDivision)); }

struct Event {
  std::uint32_t tick;
  bool on;  // what ends comes before what begins at the same time
  int note;
  auto operator<=>(const Event&) const = default;
};

std::vector<Event> events_of(const Score& score) {
  std::vector<Event> events;
  for (const Note& note : score.notes) {
    const std::uint32_t start = ticks(note.start);
    events.push_back({start, true, note.number});
    // No note is so short that it would end before it begins.
    events.push_back({std::max(ticks(note.start + note.length), start + 1), false, note.number});
  }
  std::ranges::sort(events);
  return events;
}

void check_note(const Note& note) {
  if (note.number < 0 || note.number > kMostNumber)
    fail("a note of a score: expected a number from 0 to {}, got {}", kMostNumber, note.number);
  const auto is_time = [](double x) { return std::isfinite(x) && x >= 0; };
  if (!is_time(note.start) || !is_time(note.length)) {
    fail("a note of a score: expected a start and a length that are finite and not negative, got {} and {}", note.start,
         note.length);
  }
  const double end = note.start + note.length;
  if (end > kMostQuarters) fail("a score of {:.0f} quarter notes is too long; expected at most {}", end, kMostQuarters);
}

}  // namespace

void check_score(const Score& score) {
  const bool playable = score.tempo >= kSlowest && score.tempo <= kFastest;
  if (!playable) {
    fail("the tempo of a score: expected {} to {} quarter notes a minute, got {}", kSlowest, kFastest, score.tempo);
  }
  for (const Note& note : score.notes) check_note(note);
}

std::string midi_bytes(const Score& score) {
  constexpr double kMicroseconds = 60e6;  // of a minute
  std::string track = score.title.empty() ? "" : meta_event(kTrackName, score.title);
  track += meta_event(kSetTempo, number_bytes(static_cast<std::uint32_t>(std::lround(kMicroseconds / score.tempo)), 3));
  std::uint32_t now = 0;
  for (const Event& event : events_of(score)) {
    track += variable_length(event.tick - now) + (event.on ? kNoteOn : kNoteOff) + static_cast<char>(event.note) +
             (event.on ? kVelocity : '\0');
    now = event.tick;
  }
  track += meta_event(kEndOfTrack, "");
  const std::string header = number_bytes(0, 2) + number_bytes(1, 2) + number_bytes(kMidiDivision, 2);
  return "MThd" + number_bytes(6, 4) + header + "MTrk" + number_bytes(static_cast<std::uint32_t>(track.size()), 4) +
         track;
}

}  // namespace recur
