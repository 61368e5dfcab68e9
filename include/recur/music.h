// Music: chords that a model of them writes, tunes in ABC notation, and what can be made of both: MIDI files, and pages
// that a browser plays.
//
//   const recur::Model model = recur::Model::load("chorales.safetensors");
//   const recur::Score score = recur::score_of(recur::compose(model, {.length = 64}));
//   file << recur::midi_file(score);
//
// Functions of values: any number of threads may use them at once.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/model.h"
#include "recur/types/score.h"

namespace recur {

// A model of the task chords writes a piece from nothing: of each step the notes that sound, ascending. Throws Error
// for other models.
std::vector<std::vector<int>> compose(const Model& model, const Composition& how = {});

// So many steps are a quarter note; a note that sounds in several steps in a row is one that is held.
Score score_of(std::span<const std::vector<int>> steps, double steps_per_beat = 1);

// The first tune of a text in ABC notation (version 2.1), as folk tunes use it: key, metre, lengths, notes and rests,
// chords in brackets, ties, tuplets, broken rhythm, repeats and endings, which are played out. Ornaments and names of
// chords are not read. A $ ends a line, too. Of a tune with a fault there is what comes before the fault's bar.
AbcTune read_abc(std::string_view text);

// The bytes of a standard MIDI file of one track (format 0). Throws Error for a score that is too long for one.
std::string midi_file(const Score& score);

// An HTML page that needs nothing but itself: a piano roll, and a button that plays it.
std::string music_page(const Score& score);

}  // namespace recur
