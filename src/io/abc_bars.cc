#include "io/abc_bars.h"

#include <algorithm>
#include <utility>

namespace recur {
namespace {

bool begins_ending(const AbcBar& bar, int time) { return std::ranges::find(bar.endings, time) != bar.endings.end(); }

// Whether the part that begins with a bar has an ending for its n-th time.
bool has_ending(const std::vector<AbcBar>& bars, std::size_t first, int time) {
  for (std::size_t i = first; i < bars.size(); ++i) {
    if (begins_ending(bars[i], time)) return true;
    if (bars[i].ends_part && (i + 1 == bars.size() || bars[i + 1].endings.empty())) return false;
  }
  return false;
}

// Calls play(bar) for each in the order in which they sound.
template <class Play>
void for_played(const std::vector<AbcBar>& bars, const Play& play) {
  std::size_t first = 0;  // of the part that is repeated
  int time = 1;
  const auto begin_part = [&](std::size_t bar) {
    first = bar;
    time = 1;
  };
  for (std::size_t i = 0; i < bars.size();) {
    if (bars[i].begins_repeat && i != first) begin_part(i);
    if (!bars[i].endings.empty() && !begins_ending(bars[i], time)) {
      while (!bars[i].ends_part && i + 1 < bars.size() && bars[i + 1].endings.empty()) ++i;
      ++i;
      continue;
    }
    play(bars[i]);
    if (bars[i].ends_repeat && (time == 1 || has_ending(bars, first, time + 1))) {
      ++time;
      i = first;
      continue;
    }
    if (bars[i].ends_part) begin_part(i + 1);
    ++i;
  }
}

// Notes as they are struck, those that are tied as one.
class Player {
 public:
  void play(const AbcSound& sound) {
    std::vector<std::pair<int, std::size_t>> tied;
    for (const int number : sound.notes) {
      const auto held = std::ranges::find(tied_, number, &std::pair<int, std::size_t>::first);
      const std::size_t place = held == tied_.end() ? notes.size() : held->second;
      if (held == tied_.end()) notes.push_back({number, now_, 0});
      notes[place].length += sound.length;
      if (sound.tied) tied.emplace_back(number, place);
    }
    tied_ = std::move(tied);
    now_ += sound.length;
  }

  std::vector<Note> notes;

 private:
  double now_ = 0;
  std::vector<std::pair<int, std::size_t>> tied_;  // notes that may go on, and where they are
};

}  // namespace

std::vector<Note> play_bars(const std::vector<AbcBar>& bars) {
  Player player;
  for_played(bars, [&](const AbcBar& bar) {
    for (const AbcSound& sound : bar.sounds) player.play(sound);
  });
  return std::move(player.notes);
}

}  // namespace recur
