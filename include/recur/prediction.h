// What a model says of a record.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "recur/record.h"

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

// A tag for each word, or each step of numbers, which has no words.
struct TagsPrediction {
  std::vector<std::string> words, tags;
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
  double score = 0;   // log probability / tokens^penalty; of CTC see DecodeOptions
  bool ended = true;  // else it was cut at its most tokens
};

// A text: the best outputs, the best first.
struct TextPrediction {
  std::vector<Output> outputs;
  Alignment alignment;            // of the best, if asked for
  std::vector<SpokenWord> words;  // the same of CTC

  const std::string& text() const { return outputs.front().text; }
};

// Numbers: a vector for each step, or one.
struct NumbersPrediction {
  Numbers numbers;
};

// How probable a given text is.
struct TextScore {
  double nats = 0;         // -log probability
  std::size_t tokens = 0;  // its end among them
};

using Prediction = std::variant<LabelPrediction, TagsPrediction, TextPrediction, NumbersPrediction, TextScore>;

}  // namespace recur
