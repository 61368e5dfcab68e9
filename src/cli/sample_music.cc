#include "cli/sample_music.h"

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "recur/music.h"

namespace recur {
namespace {

constexpr Reals kTempo = {"a number from 10 to 1000", [](double x) { return x >= 10 && x <= 1000; }};

void write_score(Score score, const MusicOptions& options) {
  if (options.tempo) score.tempo = static_cast<double>(*options.tempo);
  if (!options.midi.empty()) replace_file(options.midi, midi_file(score));
  if (!options.page.empty()) replace_file(options.page, music_page(score));
}

}  // namespace

void list_music(OptionList& list, MusicOptions& o) {
  list.group(kMusicGroup);
  list.text("midi", o.midi, "FILE", "The piece, or the tune in ABC notation, as a MIDI file");
  list.text("page", o.page, "FILE", "The same as a page that a browser shows and plays (.html)");
  list.real("tempo", o.tempo, kTempo, "Quarter notes a minute", "the tune's own, else 120");
  list.count("steps-per-beat", o.steps_per_beat, {1, 1000}, "Of chords: steps that are a quarter note");
}

void check_music(const Given& given, const MusicOptions& options, bool chords) {
  if (given.has("steps-per-beat") && !chords)
    fail("--steps-per-beat: a tune says how long its notes are; leave it out");
  for (const char* flag : {"tempo", "steps-per-beat"}) {
    if (given.has(flag) && !options.wanted()) fail("--{}: nothing is to sound; give --midi FILE or --page FILE", flag);
  }
  check_other_output("--page", options.page, options.midi);
}

int sample_chords(const Model& model, const MusicOptions& options, const Generation& generation, const Given& given) {
  const auto steps = compose(model, {.length = given.has("length") ? generation.length : Composition().length,
                                     .temperature = generation.sampling.temperature,
                                     .seed = generation.seed});
  if (options.wanted()) {
    write_score(score_of(steps, static_cast<double>(options.steps_per_beat)), options);
    return kDone;
  }
  std::string line = "{\"notes\": [";
  for (const auto& step : steps)
    line += fmt::format("{}[{}]", &step == steps.data() ? "" : ", ", fmt::join(step, ", "));
  write_out(line + "]}\n");
  return kDone;
}

void write_tune(const std::string& text, const MusicOptions& options) {
  AbcTune tune = read_abc(text);
  const char* flag = options.midi.empty() ? "--page" : "--midi";
  if (tune.score.notes.empty()) {
    fail("no tune in ABC notation for {}: {}", flag, tune.problem.empty() ? "there are no notes" : tune.problem);
  }
  if (!tune.problem.empty()) complain(fmt::format("{}; {} ends before that bar", tune.problem, flag));
  write_score(std::move(tune.score), options);
}

}  // namespace recur
