// What include/recur/music.h promises, put together from the floors below.
#include "recur/music.h"

#include <algorithm>
#include <ranges>

#include "base/error.h"
#include "data/notes_field.h"
#include "draw/music_page.h"
#include "infer/chord_sampler.h"
#include "io/abc_reader.h"
#include "io/midi_file.h"
#include "nn/sampler.h"
#include "recur/stream.h"

namespace recur {

std::vector<std::vector<int>> compose(const Model& model, const Composition& how) {
  if (!std::holds_alternative<NextNotesSpec>(model.options().make_recipe(InputKind::text).head)) {
    fail("a model of the task {} composes nothing; expected one of the task chords", model.task());
  }
  check_temperature(how.temperature);
  Stream stream = model.stream({.threads = 1});
  std::vector<float> keys(kKeys), logits(kKeys);
  std::vector<std::vector<int>> steps;
  for (std::size_t t = 0; t < how.length; ++t) {
    stream.step(keys, logits);
    steps.push_back(pick_chord(logits, how.temperature, how.seed, t));
    std::ranges::fill(keys, 0.0F);
    for (const int note : steps.back()) keys[static_cast<std::size_t>(note) - kFirstKey] = 1;
  }
  return steps;
}

Score score_of(std::span<const std::vector<int>> steps, double steps_per_beat) {
  Score score;
  std::vector<std::pair<int, std::size_t>> held, sounding;  // notes, and where they are in the score
  for (std::size_t t = 0; t < steps.size(); ++t) {
    sounding.clear();
    for (const int number : steps[t]) {
      const auto before = std::ranges::find(held, number, &std::pair<int, std::size_t>::first);
      sounding.emplace_back(number, before == held.end() ? score.notes.size() : before->second);
      if (before == held.end()) score.notes.push_back({number, static_cast<double>(t) / steps_per_beat, 0});
      Note& note = score.notes[sounding.back().second];
      note.length = static_cast<double>(t + 1) / steps_per_beat - note.start;
    }
    std::swap(held, sounding);
  }
  return score;
}

AbcTune read_abc(std::string_view text) { return read_abc_tune(text); }
std::string midi_file(const Score& score) {
  check_score(score);
  return midi_bytes(score);
}
std::string music_page(const Score& score) {
  check_score(score);
  return page_of_score(score);
}

}  // namespace recur
