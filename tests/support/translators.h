// Small translators of letters, for the tests of their parts.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "tasks/translator.h"

namespace recur {

inline const NoiseSource kNoNoise{Random(0, RandomPurpose::dropout), 0, false};

// Longest source first, as a batch has them; the longest target is another one.
inline constexpr const char* kPairs = "abca\tyx\nbca\txyzzy\nacb\tz\nba\tzyx\nc\tx\n";

inline TranslateOptions letters(Attention attention, bool bidirectional, const char* cell = "gru",
                                std::size_t layers = 1) {
  TranslateOptions o;
  o.network = {.cell = cell, .layers = layers, .hidden = 3, .bidirectional = bidirectional};
  o.source.kind = o.target.kind = TokenizerKind::character;
  o.embedding = 2;
  o.attention = attention;
  return o;
}

// A translator with random parameters, and the records that it is to learn.
struct Trainee {
  explicit Trainee(const TranslateOptions& options, const std::string& pairs = kPairs, std::uint64_t seed = 4) {
    const InputFile file(folder.write("pairs.tsv", pairs));
    network = Translator::build(options, file, {});
    TrainingOptions training;
    training.seed = seed;
    training.initial_range = 0.7F;
    network->start(training);
    records = network->read(file, {});
    batch.resize(records->size());
    std::iota(batch.begin(), batch.end(), std::size_t{0});
  }
  std::unique_ptr<Records> read(const std::string& text, bool answers, std::size_t most = 10'000) const {
    ReadOptions options;
    options.answers = answers;
    options.length.most = most;
    return network->read(InputFile(folder.write("other.tsv", text)), options);
  }
  double nats(const Records& of, const std::vector<std::size_t>& which) const {
    Tape tape(false);
    return network->loss(tape, of, which, kNoNoise).nats;
  }
  // Makes an untrained network write more than <unk>.
  void prefer_letters() const {
    Parameters& parameters = network->parameters();
    for (const Parameters::Declaration& d : parameters.declarations()) {
      if (d.name != "decoder.output.bias") continue;
      parameters.values()[d.offset] = -20;
      parameters.values()[d.offset + 2] += 1.5F;  // </s>
    }
  }
  // The outputs for lines of sources.
  std::vector<std::string> predict(const std::string& sources, const PredictOptions& options,
                                   std::size_t most = 10'000) const {
    std::string text;
    network->predict(*read(sources, false, most), options, [&](std::string_view line) { text += line; });
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  TempFolder folder;
  std::unique_ptr<Translator> network;
  std::unique_ptr<Records> records;
  std::vector<std::size_t> batch;
};

// A copy of records in which every token to be predicted is `token`; the decoder's inputs stay.
inline std::unique_ptr<TranslateRecords> with_all_targets(const Records& records, int token) {
  const auto& from = static_cast<const TranslateRecords&>(records);
  auto copy = std::make_unique<TranslateRecords>();
  copy->lengths = from.lengths;
  copy->other_lengths = from.other_lengths;
  copy->source = from.source;
  copy->input = from.input;
  for (std::size_t i = 0; i < from.target.size(); ++i) {
    copy->target.add(std::vector<int>(from.target[i].size(), token));
  }
  return copy;
}

}  // namespace recur
