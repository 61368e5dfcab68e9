// Small translators of letters, for the tests of their parts.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "nn/heads/heads.h"
#include "support/records.h"

namespace recur {

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
struct Trainee : RecordsCase {
  explicit Trainee(const TranslateOptions& options, const std::string& pairs = kPairs, std::uint64_t seed = 4)
      : RecordsCase(options, pairs, 0.7F, seed) {
    std::iota(batch.begin(), batch.end(), std::size_t{0});
  }
  const DecoderHead& head() const { return dynamic_cast<const DecoderHead&>(network->head()); }
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
    return RecordsCase::predict(*read(sources, false, most), options,
                                options.decode.n_best > 1 ? OutputLines::numbered : OutputLines::plain);
  }
};

constexpr std::size_t kSource = 0, kTarget = 1;  // fields

// The loss of all records where every token to be predicted is `token`; the decoder's inputs stay.
inline double nats_with_all_targets(const Trainee& t, int token) {
  Tape tape(false);
  Batch rows = make_batch(t.network->fields(), *t.records, t.batch);
  std::ranges::fill(rows.fields[kTarget].targets, token);
  return t.network->loss({tape, t.network->parameters(), Noise::silent()}, rows).nats;
}

}  // namespace recur
