#include "infer/line_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "data/endless_text_field.h"
#include "data/length_batches.h"
#include "data/text_field.h"
#include "nn/head.h"

namespace recur {
namespace {

// What is read of a line, and what is predicted: tokens, each after the one before it.
struct Line {
  std::vector<int> tokens;
  std::vector<std::size_t> unseen;  // the places of others among all that are predicted

  std::size_t steps() const { return tokens.empty() ? 0 : tokens.size() - 1; }
};

// `ids`: those of the vocabulary, and its size for what it lacks.
Line line_of(std::span<const int> ids, const Tokenizer& tokenizer, std::size_t most) {
  const std::optional<int> end = line_end(tokenizer);
  Line line;
  if (end) line.tokens.push_back(*end);
  for (const int id : ids.first(std::min(most, ids.size()))) {
    if (id < tokenizer.vocabulary().size()) {
      line.tokens.push_back(id);
    } else {
      line.unseen.push_back(line.steps() + line.unseen.size());
    }
  }
  if (end && ids.size() <= most) line.tokens.push_back(*end);
  return line;
}

// Of lines that are longest first.
FieldBatch pack(const std::vector<Line>& lines, std::span<const std::size_t> which) {
  FieldBatch batch;
  std::vector<std::size_t> lengths;
  for (const std::size_t line : which) lengths.push_back(lines[line].steps());
  lay_out(lengths, batch);
  for (std::size_t t = 0; t < batch.steps.length(); ++t) {
    for (std::size_t row = 0; row < batch.steps.rows(t); ++row) {
      const std::vector<int>& tokens = lines[which[batch.of[row]]].tokens;
      batch.ids.push_back(tokens[t]);
      batch.targets.push_back(tokens[t + 1]);
    }
  }
  return batch;
}

void add_unseen(const Line& line, double nats, bool tokens, TextScore& score) {
  score.nats += static_cast<double>(line.unseen.size()) * nats;
  score.tokens += line.unseen.size();
  score.unknown += line.unseen.size();
  for (const std::size_t place : line.unseen) {
    if (tokens)
      score.of.insert(score.of.begin() + static_cast<std::ptrdiff_t>(place), {std::string(kUnknownToken), nats});
  }
}

}  // namespace

std::optional<int> line_end(const Tokenizer& tokenizer) {
  return tokenizer.vocabulary().id(has_words(tokenizer.kind()) ? kEndOfLineToken : "\n");
}

Fields line_text(const Tokenizer& tokenizer) {
  Fields fields;
  fields.push_back(std::make_unique<TextField>(FieldSpec{"text", TextSpec{}}, TextCodec::of(tokenizer)));
  return fields;
}

std::unique_ptr<Records> read_lines(const Tokenizer& tokenizer, const RecordData& data, const PredictOptions& options,
                                    bool before_bad) {
  const std::size_t most = options.max_length;
  // One token more than is scored tells whether a line was cut.
  const LengthLimit limit{std::min(most, std::numeric_limits<std::size_t>::max() - 1) + 1};
  auto lines = read_records(line_text(tokenizer), data,
                            {.length = limit,
                             .answers = false,
                             .keep_text = false,
                             .lines = raw_lines(tokenizer.kind()),
                             .skip_bad = options.skip_bad,
                             .before_bad = before_bad});
  lines->cut = static_cast<std::uint64_t>(std::ranges::count_if(lines->lengths, [&](auto n) { return n > most; }));
  return lines;
}

void score_lines(const Network& network, const Records& lines, const PredictOptions& options,
                 const std::function<void(std::size_t line, Prediction&& score)>& use) {
  const Tokenizer& tokenizer = endless_text(network.fields())->tokenizer();
  const double unseen_nats = std::log(static_cast<double>(tokenizer.vocabulary().size()));
  std::vector<Line> all;
  std::vector<std::uint32_t> lengths;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    all.push_back(line_of(lines.columns.front().ids[i], tokenizer, options.max_length));
    lengths.push_back(static_cast<std::uint32_t>(all.back().steps()));
  }
  const LengthBatches batches = LengthBatches::unshuffled(lengths, {}, {256, 16384});
  Tape tape(false);
  const Run run{tape, network.parameters(), Noise::silent()};
  for (std::size_t i = 0; i < batches.count(); ++i) {
    // Those of which something is predicted come first.
    const std::size_t some = static_cast<std::size_t>(
        std::ranges::find(batches[i], std::size_t{0}, [&](std::size_t line) { return all[line].steps(); }) -
        batches[i].begin());
    std::vector<Prediction> scores(batches[i].size(), TextScore());
    Batch batch;
    batch.records = batches[i].first(some);
    if (some > 0) {
      batch.fields.push_back(pack(all, batch.records));
      tape.rewind();
      network.head().predict(run, network.encode(run, batch), batch, options, std::span(scores).first(some));
    }
    for (std::size_t k = 0; k < scores.size(); ++k) {
      add_unseen(all[batches[i][k]], unseen_nats, options.tokens, std::get<TextScore>(scores[k]));
      use(batches[i][k], std::move(scores[k]));
    }
  }
}

}  // namespace recur
