// Tunes in ABC as notes: each case is written down by hand from the standard.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/abc_fields.h"
#include "io/abc_reader.h"

namespace recur::abc_test {
namespace {

// "60 0 0.5; 62 0.5 0.5": number, start and length of each note, in quarter notes.
std::string notes_of(const std::string& text) {
  const AbcTune tune = read_abc_tune(text);
  std::string notes = tune.problem;
  for (const Note& note : tune.score.notes) {
    notes += fmt::format("{}{} {:.4g} {:.4g}", notes.empty() ? "" : "; ", note.number, note.start, note.length);
  }
  return notes;
}

// Numbers alone, in the order in which they are struck.
std::string numbers_of(const std::string& text) {
  const AbcTune tune = read_abc_tune(text);
  std::string notes = tune.problem;
  for (const Note& note : tune.score.notes) notes += fmt::format("{}{}", notes.empty() ? "" : " ", note.number);
  return notes;
}

TEST(Abc, NotesAndLengths) {
  EXPECT_EQ(notes_of("CDE"), "60 0 0.5; 62 0.5 0.5; 64 1 0.5");
  EXPECT_EQ(notes_of("L:1/4\nC2 D/2 E/ F3/2 G//"), "60 0 2; 62 2 0.5; 64 2.5 0.5; 65 3 1.5; 67 4.5 0.25");
  EXPECT_EQ(numbers_of("C, C c c' B,, b''"), "48 60 72 84 47 107");
  EXPECT_EQ(notes_of("A z2 B x C"), "69 0 0.5; 71 1.5 0.5; 60 2.5 0.5");
  EXPECT_EQ(notes_of("M:3/4\nZ2 | C"), "60 6 0.5");
  // Without L a metre below 3/4 halves what a note lasts.
  EXPECT_EQ(notes_of("M:2/4\nC"), "60 0 0.25");
  EXPECT_EQ(notes_of("M:6/8\nC"), "60 0 0.5");
  // A tempo before the metre settles nothing; a note does.
  EXPECT_EQ(notes_of("Q:1/4=120\nM:2/4\nK:C\nC"), "60 0 0.25");
  EXPECT_EQ(notes_of("M:4/4\nC\nM:2/4\nC"), "60 0 0.5; 60 0.5 0.5");
}

TEST(Abc, KeysAndAccidentals) {
  EXPECT_EQ(numbers_of("K:D\nFC"), "66 61");
  EXPECT_EQ(numbers_of("K:Bb\nBE"), "70 63");
  EXPECT_EQ(numbers_of("K:Am\nFC"), "65 60");
  EXPECT_EQ(numbers_of("K:E Dorian\nFCG"), "66 61 67");
  EXPECT_EQ(numbers_of("K:F# minor\nFCG"), "66 61 68");
  EXPECT_EQ(numbers_of("K:Amix\nFCG"), "66 61 67");
  // An accidental lasts until the bar ends, in every octave.
  EXPECT_EQ(numbers_of("K:G\n^C c =F F | C F _B ^^G __A"), "61 73 65 65 60 66 70 69 67");
  EXPECT_EQ(numbers_of("C [K:D] C | K:D"), "line 1, character 14: expected a bar line, got \":\" 60 61");
  EXPECT_EQ(numbers_of("C\nK:D\nC"), "60 61");
  EXPECT_EQ(numbers_of("K:D =c\nFC"), "66 60");
  EXPECT_EQ(numbers_of("K:D Phr ^f clef=bass __b\nFB"), "66 69");
  EXPECT_EQ(numbers_of("K:Am bass octave=-1\nFC"), "65 60");
  for (const char* key : {"H", "Dx", "D#lyd"}) EXPECT_FALSE(abc_key(key)) << key;
}

TEST(Abc, ChordsTiesAndSlurs) {
  EXPECT_EQ(notes_of("[CEG]2 C"), "60 0 1; 64 0 1; 67 0 1; 60 1 0.5");
  EXPECT_EQ(notes_of("[C2E2] C"), "60 0 1; 64 0 1; 60 1 0.5");
  EXPECT_EQ(notes_of("C- C D-|D"), "60 0 1; 62 1 1");
  // A tie over a bar line keeps the accidental of its note, which no other has then.
  EXPECT_EQ(notes_of("^c2-|c2 c"), "73 0 2; 72 2 0.5");
  EXPECT_EQ(notes_of("[^Ce]-||[Ce]-|[Ce] C"), "61 0 1.5; 76 0 1.5; 60 1.5 0.5");
  EXPECT_EQ(numbers_of("^c-|C =c ^c-|=c ^c-|d c ^c-z|c ^c|c"), "73 60 72 73 72 73 74 72 73 72 73 72");
  EXPECT_EQ(notes_of("[C-E-][CE] (CD)"), "60 0 1; 64 0 1; 60 1 0.5; 62 1.5 0.5");
  EXPECT_EQ(notes_of("C-D C"), "60 0 0.5; 62 0.5 0.5; 60 1 0.5");
}

TEST(Abc, TupletsAndBrokenRhythm) {
  EXPECT_EQ(notes_of("(3CDE F"), "60 0 0.3333; 62 0.3333 0.3333; 64 0.6667 0.3333; 65 1 0.5");
  EXPECT_EQ(notes_of("(2CD E"), "60 0 0.75; 62 0.75 0.75; 64 1.5 0.5");
  EXPECT_EQ(notes_of("(3:2:2 C2D E"), "60 0 0.6667; 62 0.6667 0.3333; 64 1 0.5");
  EXPECT_EQ(notes_of("M:6/8\n(5CDEFG A"), "60 0 0.3; 62 0.3 0.3; 64 0.6 0.3; 65 0.9 0.3; 67 1.2 0.3; 69 1.5 0.5");
  EXPECT_EQ(notes_of("C>D E<F G>>A"), "60 0 0.75; 62 0.75 0.25; 64 1 0.25; 65 1.25 0.75; 67 2 0.875; 69 2.875 0.125");
}

TEST(Abc, RepeatsAndEndings) {
  EXPECT_EQ(numbers_of("C|D:|E"), "60 62 60 62 64");
  EXPECT_EQ(numbers_of("C|:D:|E"), "60 62 62 64");
  EXPECT_EQ(numbers_of("C|:D::E:|"), "60 62 62 64 64");
  EXPECT_EQ(numbers_of("|:C|[1D:|[2E||F"), "60 62 60 64 65");
  EXPECT_EQ(numbers_of("|:C|1D:|2E|]F:|"), "60 62 60 64 65 65");
  EXPECT_EQ(numbers_of("|:C|[1,3D:|[2E:|[4F|"), "60 62 60 64 60 62 60 65");
  EXPECT_EQ(numbers_of("|:C|[1-2D:|[3E|"), "60 62 60 62 60 64");
  // Without a beginning from the last double bar on.
  EXPECT_EQ(numbers_of("C|D||E|F:|"), "60 62 64 65 64 65");
  EXPECT_EQ(numbers_of("C|: || |:D:|"), "60 62 62");
}

TEST(Abc, WhatIsNotPlayed) {
  EXPECT_EQ(numbers_of("\"Am7\"C{DE}F !trill!~G .A vB % c d\nw: ly-rics\n+fermata+C \\\nD"), "60 65 67 69 71 60 62");
  EXPECT_EQ(notes_of("!crescendo(!C!>!D !<(!E!diminuendo)!F"), "60 0 0.5; 62 0.5 0.5; 64 1 0.5; 65 1.5 0.5");
  // What an older file ends its lines with, and what stands for a line's end in files of one tune a line.
  EXPECT_EQ(numbers_of("M:4/4 $ K:D $ FC|! $ F:|!"), "66 61 66 66 61 66");
}

TEST(Abc, OnlyTheFirstTune) {
  EXPECT_EQ(numbers_of("X:1\nT:One\nK:C\nC\n\nX:2\nK:C\nD"), "60");
  EXPECT_EQ(numbers_of("\n\nX:1\n\nK:C\nC\nX:2\nD"), "60");
  const AbcTune tune = read_abc_tune("X:1\r\nT: The Kesh\r\nT:Other\r\nQ:3/8=60\r\nK:G\r\nG|A|\r\n");
  EXPECT_EQ(tune.score.title, "The Kesh");
  EXPECT_DOUBLE_EQ(tune.score.tempo, 90);
  EXPECT_EQ(tune.bars, 2U);
  EXPECT_EQ(tune.problem, "");
}

TEST(Abc, TemposThatChange) {
  const AbcTune tune = read_abc_tune("L:1/4\nQ:1/4=60\nK:C\nC|\nQ:1/4=120\nD [Q:1/4=30] E|\n");
  EXPECT_DOUBLE_EQ(tune.score.tempo, 60);
  EXPECT_EQ(notes_of("L:1/4\nQ:1/4=60\nK:C\nC|\nQ:1/4=120\nD [Q:1/4=30] E|\n"), "60 0 1; 62 1 0.5; 64 1.5 2");
}

TEST(Abc, Tempos) {
  EXPECT_DOUBLE_EQ(*abc_tempo("1/4=100", 0.125, 120), 100);
  EXPECT_DOUBLE_EQ(*abc_tempo("\"Slow\" 1/2=40", 0.125, 120), 80);
  EXPECT_DOUBLE_EQ(*abc_tempo("200", 0.125, 120), 100);
  for (const char* tempo : {"", "fast", "1/4=0", "1/4=5000", "=3"}) {
    EXPECT_FALSE(abc_tempo(tempo, 0.125, 120)) << tempo;
  }
}

TEST(Abc, WordsStandBesideATempoOrForNone) {
  const std::pair<const char*, double> cases[] = {{"Q: \"Slow\" 1/4=60", 60},
                                                  {"Q:\"Slow\"1/4=60", 60},
                                                  {"Q: 1/4=60 \"Slow\"", 60},
                                                  {"Q:\"Andante\"", 120},
                                                  {"Q:1/4=80\nQ: \"Andante\" ", 80}};
  for (const auto& [fields, tempo] : cases) {
    const AbcTune tune = read_abc_tune(std::string(fields) + "\nK:C\nC|");
    EXPECT_EQ(tune.problem, "") << fields;
    EXPECT_DOUBLE_EQ(tune.score.tempo, tempo) << fields;
  }
}

// Bars before the one with the fault are there.
TEST(Abc, SaysWhereATuneIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"C|D|E&F|", "line 1, character 6: expected a note, a rest or a bar line, got \"&\" 60 62"},
      {"K:D\nF|\nA^|", "line 3, character 3: expected a note, got \"|\" 66"},
      {"K:X\nF", "line 1, character 1: expected a key such as D, Am or G dorian, got \"X\""},
      {"M:6/x", "line 1, character 1: expected a metre such as 6/8 or C, got \"6/x\""},
      {"L:0", "line 1, character 1: expected a length such as 1/8, got \"0\""},
      {"C $ Q:x", "line 2, character 2: expected a tempo such as 1/4=120, got \"x\""},
      {"C|[CE", "line 1, character 6: expected a note, got the line's end 60"},
      {"C|[]", "line 1, character 5: expected notes in brackets, got none 60"},
      {"C|\"Am", "line 1, character 3: a chord's name has no second \" 60"},
      {"C|{A", "line 1, character 3: grace notes have no } 60"},
      {"C|D0", "line 1, character 5: expected a number above 0, got 0 60"},
      {"C|D1234", "line 1, character 7: expected a number of at most three digits 60"},
      {"C|>D", "line 1, character 3: expected a note before \">\" 60"},
      {"C|C>>>>D", "line 1, character 8: expected at most three of \">\" in a row 60"},
      {"C|c''''''", "line 1, character 10: a note is higher or lower than MIDI has any 60"},
      {"V:1\nC|\nV:2\nE|", "line 3, character 1: a second voice; only the first is read 60"},
      {"C|[K:D", "line 1, character 3: a field in brackets has no ] 60"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(numbers_of(text), expected) << text;
}

// Whatever a model may write.
TEST(Abc, EndsOnAnything) {
  const std::string alphabet = "ABCabc|:[]()<>^_=-123/'\", \n$KLMQXTz{}!+%~\\&";
  std::uint32_t state = 1;
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (int k = 0; k < 40; ++k) {
      state = state * 1664525 + 1013904223;
      text += alphabet[(state >> 16) % alphabet.size()];
    }
    const AbcTune tune = read_abc_tune(text);
    EXPECT_LT(tune.score.notes.size(), 400U) << text;
  }
}

}  // namespace
}  // namespace recur::abc_test
