// What a model says of a record.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "recur/types/record.h"

namespace recur {

struct Probability {
  std::string label;
  float probability = 0;
};

// One of several labels.
struct LabelPrediction {
  std::vector<Probability> labels;  // all, the most probable first

  const std::string& label() const { return labels.front().label; }
};

// Any number of several labels.
struct LabelsPrediction {
  std::vector<Probability> labels;  // all, the most probable first
  std::vector<std::string> chosen;  // those that are probable enough, in the same order
};

// All tags of a sentence, and how probable they are together.
struct TagSequence {
  std::vector<std::string> tags;
  double log_probability = 0;
};

// A tag for each word, or each step of numbers, which has no words.
struct TagsPrediction {
  std::vector<std::string> words, tags;
  std::vector<float> probabilities;  // of each tag, whatever the others are, if asked for
  std::vector<TagSequence> best;     // the most probable of all, as many as asked for if more than one
};

// How much a decoder looked at each token of the source before it wrote each of its own.
struct Alignment {
  std::vector<std::string> source, target;  // target: the last is the output's end
  std::vector<float> weights;               // [target, source], each row adds up to 1; empty if nothing was looked at
};

// When a word of an output was spoken: from which step of what its model wrote it from to which.
struct SpokenWord {
  std::string word;
  std::size_t first = 0, last = 0;
};

struct Output {
  std::string text;
  double score = 0;   // log probability / tokens^penalty; else see DecodeOptions
  bool ended = true;  // else it was cut at its most tokens
};

// A text: the best outputs, the best first.
struct TextPrediction {
  std::vector<Output> outputs;
  Alignment alignment;            // of the best, if asked for
  std::vector<SpokenWord> words;  // the same of CTC and of a transducer

  const std::string& text() const { return outputs.front().text; }
};

// Numbers: a vector for each step, or one.
struct NumbersPrediction {
  Numbers numbers;
};

// A picture as a model that draws has drawn it after it had seen it, and how probable it is.
struct ImagePrediction {
  std::size_t height = 0, width = 0, channels = 1;
  std::vector<float> pixels;  // [height, width, channels], from 0 to 1
  double nats = 0;            // a bound of -log probability of what was seen
};

// How a series goes on, from the step behind its last known one.
struct ForecastPrediction {
  std::string group;               // of several series; else empty
  std::string target;              // its column
  std::vector<std::string> dates;  // [steps], or empty where the data has none
  std::vector<double> past;        // the known steps that it looked at; NaN: missing
  std::vector<double> mean;        // [steps]; of quantiles the middle one
  std::vector<double> samples;     // [steps, samples] of a distribution, each step's in ascending order, or empty
  std::vector<double> quantiles;   // [steps, forecast_levels], or empty where only a number is forecast
};
// Which quantiles a forecast has.
inline constexpr std::array<double, 9> forecast_levels = {.1, .2, .3, .4, .5, .6, .7, .8, .9};

struct TokenScore {
  std::string token;
  double nats = 0;
};

// How probable a given text is.
struct TextScore {
  double nats = 0;             // -log probability
  std::size_t tokens = 0;      // its end among them
  std::size_t unknown = 0;     // of them, that the model does not know
  std::vector<TokenScore> of;  // each token, if asked for
};

// How surprising a number of a series, or a line of a text, was after what came before it.
struct Surprise {
  std::string group, date;  // of a series, where it has them
  std::size_t place = 0;    // the step or the line, from 1
  double value = 0;         // of a series: the number
  std::size_t tokens = 0;   // of a line, its end included, of which the model does not know
  std::size_t unknown = 0;  // so many
  double nats = 0;          // -log probability; of a number -log density
};

// Which notes sound at each step of a piece.
struct NotesPrediction {
  std::vector<std::vector<int>> steps;  // numbers of notes as in MIDI, ascending
  double nats = 0;                      // -log probability of what was given
};

// How probable a drawing is: the density of where its pen goes, in the deviation of the training data's steps, and
// what the pen does.
struct StrokesPrediction {
  double nats = 0;  // -log of it, summed over steps; may be below 0
  std::size_t steps = 0;
};

using Prediction = std::variant<LabelPrediction, LabelsPrediction, TagsPrediction, TextPrediction, NumbersPrediction,
                                ImagePrediction, ForecastPrediction, TextScore, NotesPrediction, StrokesPrediction>;

}  // namespace recur
