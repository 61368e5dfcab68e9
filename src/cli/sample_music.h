// What `recur sample` does with a model of chords, and with tunes in ABC that a model of texts has written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/command.h"
#include "recur/model.h"
#include "recur/types/generation.h"

namespace recur {

inline constexpr const char* kMusicGroup = "Music";

struct MusicOptions {
  std::string midi, page;      // files; empty: none
  std::optional<float> tempo;  // none: a tune's own
  std::size_t steps_per_beat = 1;

  bool wanted() const { return !midi.empty() || !page.empty(); }
};
void list_music(OptionList& list, MusicOptions& options);

// Throws Error naming a flag that was given and has no use: of how it sounds, without a file that it sounds in.
void check_music(const Given& given, const MusicOptions& options, bool chords);

int sample_chords(const Model& model, const MusicOptions& options, const Generation& generation, const Given& given);
// Writes the tune that a text holds. Says on standard error what of it cannot be read.
void write_tune(const std::string& text, const MusicOptions& options);

}  // namespace recur
