#include "tasks/tagger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <unordered_map>

#include "autograd/arrange.h"
#include "autograd/crf.h"
#include "autograd/operations.h"
#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/json_fields.h"
#include "base/option_json.h"
#include "base/show.h"
#include "kernels/softmax.h"
#include "recur/cell.h"
#include "tasks/chunk_metrics.h"
#include "tasks/classification_metrics.h"
#include "tasks/labels.h"
#include "tasks/tagger_data.h"
#include "tasks/task_options.h"
#include "tasks/text_input.h"

namespace recur {

using nlohmann::json;

namespace {

constexpr std::size_t kMostLetters = 64;                                  // of a word; only its first are read
constexpr std::uint32_t kWordStream = 1U << 30, kLetterNoise = 1U << 28;  // of random numbers

// The layers that read a word's letters: in both directions, or looking back over a window.
RecurrentOptions letter_network(const TagOptions& o) {
  RecurrentOptions network{.cell = o.letter_cell, .layers = 1, .hidden = o.letter_hidden};
  network.activation_penalty = o.network.activation_penalty;
  network.temporal_penalty = o.network.temporal_penalty;
  network.bidirectional = find_cell(o.letter_cell).window == 1;
  return network;
}

}  // namespace

Tagger::Tagger(const TagOptions& options, Vocabularies vocabularies)
    : options_(options), vocabularies_(std::move(vocabularies)) {
  const EmbeddingOptions embedding{options.embedding, options.embedding_dropout};
  check_embedding(embedding);
  if (embedding.width == 0) fail("--embedding: expected at least 1, got 0");
  embedding_ = parameters_.declare("embedding.weight", static_cast<std::size_t>(vocabularies_.words.size()),
                                   embedding.width, InitialValues::within(0.1F));
  std::size_t width = embedding.width;
  if (options.letter_cell != "none") {
    letters_.emplace(letter_network(options), EmbeddingOptions{options.letter_embedding},
                     static_cast<std::size_t>(vocabularies_.letters.size()), parameters_, "letters.");
    width += letters_->layers().output_width();
  }
  layers_.emplace(options.network, width, false, parameters_, "rnn.");
  const std::size_t tags = vocabularies_.tags.size(), out = layers_->output_width();
  const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(out)));
  output_weight_ = parameters_.declare("output.weight", tags, out, start);
  output_bias_ = parameters_.declare("output.bias", 0, tags, start);
  if (!options.crf) return;
  transitions_ = parameters_.declare("crf.transitions", tags, tags, InitialValues::within(0.1F));
  starts_ = parameters_.declare("crf.starts", 0, tags, InitialValues::within(0.1F));
  ends_ = parameters_.declare("crf.ends", 0, tags, InitialValues::within(0.1F));
}

std::unique_ptr<Tagger> Tagger::build(const TagOptions& options, const InputFile& data, const ReadOptions& reading) {
  TextCodec::Builder words({TokenizerKind::word, options.words});
  TextCodec::Builder letters({TokenizerKind::character, {}});
  std::set<std::string> tags;
  SwappedColumns swapped;
  TagRecords ignored;
  read_sentences(data, reading, ignored, [&](const Sentence& sentence) {
    for (const std::string& word : sentence.words) {
      words.add(word);
      letters.add(word);
      swapped.add(word);
    }
    tags.insert(sentence.tags.begin(), sentence.tags.end());
  });
  if (tags.empty() && ignored.dropped > 0) fail_all_long(data, ignored, reading.length);
  if (tags.empty()) fail("{}: no sentences; expected a word and its tag a line", data.name());
  if (tags.size() < 2)
    fail("{}: all words have the tag {}; expected at least two tags", data.name(), quote(*tags.begin()));
  swapped.check(data, tags.size(), "the word in the first column and its tag in the last");
  return std::unique_ptr<Tagger>(new Tagger(options, {words.build(), letters.build(), {tags.begin(), tags.end()}}));
}

void Tagger::start(const TrainingOptions& training) {
  parameters_.allocate();
  parameters_.initialise(training.seed, training.initial_range);
  if (!options_.vectors.empty()) {
    vectors_ = load_word_vectors(options_.vectors, vocabularies_.words, parameters_.matrix(embedding_));
  }
}

std::unique_ptr<Tagger> Tagger::load(const json& configuration) {
  const ReadFields read{configuration};
  TagOptions options;
  read_options_of(options, read.object_at("options"));
  Vocabularies vocabularies{TextCodec::from_json(read.object_at("words")),
                            TextCodec::from_json(read.object_at("letters")), read_labels(read, "tags")};
  const TextCodec &words = vocabularies.words, &letters = vocabularies.letters;
  if (words.kind() != TokenizerKind::word || !words.has_specials()) fail("its 'words' are not a vocabulary of words");
  if (letters.kind() != TokenizerKind::character || !letters.has_specials()) {
    fail("its 'letters' are not a vocabulary of characters");
  }
  return std::unique_ptr<Tagger>(new Tagger(options, std::move(vocabularies)));
}

json Tagger::configuration() const {
  return {{"options", options_json(options_)},
          {"words", vocabularies_.words.to_json()},
          {"letters", vocabularies_.letters.to_json()},
          {"tags", vocabularies_.tags}};
}

std::vector<std::pair<std::string, std::string>> Tagger::description() const {
  return {{"input", describe(vocabularies_.words, options_.embedding)},
          {"letters", letters_ ? describe(vocabularies_.letters, options_.letter_embedding) : "not read"},
          {"tags", fmt::format("{}: {}", vocabularies_.tags.size(), list_labels(vocabularies_.tags))}};
}

std::vector<std::pair<std::string, const RecurrentStack*>> Tagger::stacks() const {
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks = {{"", &*layers_}};
  if (letters_) stacks.emplace_back("letters", &letters_->layers());
  return stacks;
}

std::unique_ptr<Records> Tagger::read(const InputFile& file, const ReadOptions& options) const {
  auto records = std::make_unique<TagRecords>();
  records->name = file.name();
  std::unordered_map<std::string, int> distinct;
  const Vocabulary known_tags(vocabularies_.tags);
  std::vector<int> words, spellings, tags;
  read_sentences(file, options, *records, [&](const Sentence& sentence) {
    words.clear();
    spellings.clear();
    tags.clear();
    for (const std::string& word : sentence.words) {
      const std::vector<int> ids = vocabularies_.words.encode(word);
      words.push_back(ids.size() == 1 ? ids[0] : *vocabularies_.words.unknown());
      const auto [place, is_new] = distinct.emplace(word, static_cast<int>(records->text.size()));
      if (is_new) {
        std::vector<int> letters = vocabularies_.letters.encode(word);
        letters.resize(std::min(letters.size(), kMostLetters));
        records->letters.add(letters);
        records->text.push_back(word);
      }
      spellings.push_back(place->second);
    }
    for (const std::string& tag : sentence.tags) {
      const auto known = known_tags.id(tag);
      if (!known) records->unknown_tags.push_back(tag);
      tags.push_back(known ? *known : -static_cast<int>(records->unknown_tags.size()));
    }
    records->words.add(words);
    records->spellings.add(spellings);
    records->tags.add(tags);
    records->lengths.push_back(static_cast<std::uint32_t>(words.size()));
  });
  return records;
}

Var Tagger::read_letters(Tape& tape, const TagRecords& records, std::span<const int> spellings,
                         const NoiseSource& noise) const {
  const auto longer = [&](std::size_t a, std::size_t b) {
    const std::size_t length_a = records.letters[a].size(), length_b = records.letters[b].size();
    return length_a != length_b ? length_a > length_b : a < b;
  };
  std::vector<std::size_t> distinct(spellings.begin(), spellings.end());
  std::ranges::sort(distinct, longer);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<std::size_t>& rows = tape.keep(std::vector<std::size_t>());  // of each word: where in `distinct`
  for (const int spelling : spellings) {
    const auto place = std::ranges::lower_bound(distinct, static_cast<std::size_t>(spelling), longer);
    rows.push_back(static_cast<std::size_t>(place - distinct.begin()));
  }

  StepBatch<int>& letters = tape.keep(StepBatch<int>(records.letters, distinct));
  const RecurrentStack& layers = letters_->layers();
  StackState state(layers.state_layout(), distinct.size());
  NoiseSource letter_noise = noise;
  letter_noise.first_stream = kLetterNoise;
  const Steps& steps = letters.steps();
  const StackResult result = letters_->run(tape, parameters_, letters.elements(), steps, state, {letter_noise});
  layers.penalise(tape, result, steps, 1);
  const Var x = result.output;
  const Var words = layers.directions() == 2 ? last_output(tape, x, steps, layers.output_width() / 2)
                                             : max_over_steps(tape, x, steps);
  return select_rows(tape, words, rows);
}

Tagger::Hidden Tagger::hidden(Tape& tape, const TagRecords& records, std::span<const std::size_t> batch,
                              const NoiseSource& noise) const {
  StepBatch<int>& words = tape.keep(StepBatch<int>(records.words, batch));
  const Steps& steps = words.steps();
  const RecurrentOptions& o = options_.network;
  Var x = embedding(tape, parameters_[embedding_], words.elements(), options_.embedding_dropout, noise, kWordStream);
  if (letters_) {
    StepBatch<int> spellings(records.spellings, batch);
    x = side_by_side(tape, x, read_letters(tape, records, spellings.elements(), noise));
  }
  x = o.variational ? sequence_dropout(tape, x, steps, o.dropout, noise, 0) : dropout(tape, x, o.dropout, noise, 0);
  StackState state(layers_->state_layout(), batch.size());
  const StackResult result = layers_->forward(tape, parameters_, x, steps, state, {noise});
  layers_->penalise(tape, result, steps, 1);
  return {result.output, steps};
}

LossSum Tagger::tag_loss(Tape& tape, const Hidden& hidden, std::span<int> targets, float gradient_scale) const {
  const auto is_known = [](int tag) { return tag >= 0; };
  const auto known = static_cast<std::size_t>(std::ranges::count_if(targets, is_known));
  if (known == 0) return {};
  const Parameter weight = parameters_[output_weight_], bias = parameters_[output_bias_];
  if (!options_.crf) {
    CrossEntropy how;
    how.gradient_scale = gradient_scale;
    Var x = hidden.x;
    if (known < targets.size()) {
      std::vector<std::size_t>& rows = tape.keep(std::vector<std::size_t>());
      for (std::size_t row = 0; row < targets.size(); ++row) {
        if (!is_known(targets[row])) continue;
        targets[rows.size()] = targets[row];
        rows.push_back(row);
      }
      x = select_rows(tape, x, rows);
    }
    return {linear_cross_entropy(tape, x, weight, bias, targets.first(known), how), known};
  }
  const Var scores = linear(tape, hidden.x, weight, bias);
  const auto loss = [&](Var emissions, float scale) {
    return crf_loss(tape, emissions, parameters_[transitions_], parameters_[starts_], parameters_[ends_], targets,
                    hidden.steps, scale);
  };
  if (known == targets.size()) return {loss(scores, gradient_scale), known};
  // What is known has the probability of all sequences of tags that agree with it. A loss is the logarithm of the sum
  // over all sequences without the score of one; the same one is taken off both.
  const Var agreeing = add(tape, scores, forbid_other_tags(tape, targets));
  std::ranges::replace_if(targets, std::not_fn(is_known), 0);
  const double all = loss(scores, gradient_scale);
  return {all - loss(agreeing, -gradient_scale), known};
}

Var Tagger::forbid_other_tags(Tape& tape, std::span<const int> targets) const {
  constexpr float kForbidden = -1e30F;
  const std::size_t tags = vocabularies_.tags.size();
  const Var mask = tape.add(targets.size(), tags);
  float* row = tape.value(mask).data;
  for (const int target : targets) {
    std::fill_n(row, tags, target < 0 ? 0.0F : kForbidden);
    if (target >= 0) row[target] = 0;
    row += tags;
  }
  return mask;
}

LossSum Tagger::batch_loss(Tape& tape, const TagRecords& records, std::span<const std::size_t> batch,
                           const NoiseSource& noise) const {
  StepBatch<int>& tags = tape.keep(StepBatch<int>(records.tags, batch));
  return tag_loss(tape, hidden(tape, records, batch, noise), tags.elements(),
                  1 / static_cast<float>(tags.steps().total()));
}

void Tagger::choose_tags(Tape& tape, const Hidden& hidden, std::span<int> best) const {
  const Matrix scores = tape.value(linear(tape, hidden.x, parameters_[output_weight_], parameters_[output_bias_]));
  check_results({scores.data, scores.rows * scores.stride}, "the score of a tag");
  if (options_.crf) {
    return crf_decode(scores, parameters_[transitions_], parameters_[starts_], parameters_[ends_], hidden.steps, best);
  }
  for (std::size_t i = 0; i < scores.rows; ++i) {
    const std::span<const float> row(scores.data + i * scores.stride, scores.columns);
    best[i] = static_cast<int>(std::ranges::max_element(row) - row.begin());
  }
}

template <class Visit>
LossSum Tagger::for_tags(const TagRecords& records, bool with_loss, const Visit& visit) const {
  Tape tape(false);
  LossSum sum;
  std::vector<int> best, tags;
  for_batches(records, [&](std::span<const std::size_t> batch) {
    tape.rewind();
    const Hidden x = hidden(tape, records, batch, {Random(0, RandomPurpose::dropout), 0, false});
    const Steps& steps = x.steps;
    best.resize(steps.total());
    choose_tags(tape, x, best);
    for (std::size_t row = 0; row < batch.size(); ++row) {
      tags.clear();
      for (std::size_t t = 0; t < steps.length_of(row); ++t) tags.push_back(best[steps.offset(t) + row]);
      visit(batch[row], std::span<const int>(tags));
    }
    if (!with_loss) return;
    StepBatch<int> expected(records.tags, batch);
    sum += tag_loss(tape, x, expected.elements(), 1);
  });
  return sum;
}

RecordsScore Tagger::score(const TagRecords& records, const DecodeOptions& /*decode*/) const {
  const bool chunks = are_chunk_tags(vocabularies_.tags);
  std::uint64_t right = 0, words = 0;
  ChunkCounts counts;
  RecordsScore score;
  const auto name = [&](int tag) {
    return tag < 0 ? records.unknown_tags[static_cast<std::size_t>(-1 - tag)]
                   : vocabularies_.tags[static_cast<std::size_t>(tag)];
  };
  score.loss = for_tags(records, true, [&](std::size_t record, std::span<const int> tags) {
    const std::span<const int> expected = records.tags[record];
    std::vector<std::string> expected_names, names;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      right += tags[i] == expected[i] ? 1 : 0;
      expected_names.push_back(name(expected[i]));
      names.push_back(name(tags[i]));
    }
    words += tags.size();
    if (chunks) counts += count_chunks(expected_names, names);
  });
  const double accuracy = static_cast<double>(right) / static_cast<double>(words);
  score.measure = chunks ? Measure{"f1", counts.f1()} : Measure{"accuracy", accuracy};
  score.metrics = {{"sentences", records.size()}, {"words", words}, {"accuracy", accuracy}};
  if (chunks) {
    score.metrics["f1"] = counts.f1();
    score.metrics["precision"] = counts.precision();
    score.metrics["recall"] = counts.recall();
  }
  score.metrics["nats_per_word"] = score.loss.mean();
  if (!records.unknown_tags.empty()) score.metrics["unknown_tags"] = records.unknown_tags.size();
  return score;
}

std::size_t Tagger::write_predictions(const TagRecords& records, const PredictOptions& /*options*/,
                                      const WriteText& write) const {
  std::vector<std::string> blocks(records.size());
  for_tags(records, false, [&](std::size_t record, std::span<const int> tags) {
    const std::span<const int> spellings = records.spellings[record];
    for (std::size_t i = 0; i < tags.size(); ++i) {
      blocks[record] += records.text[static_cast<std::size_t>(spellings[i])] + "\t" +
                        vocabularies_.tags[static_cast<std::size_t>(tags[i])] + "\n";
    }
  });
  write_in_order(records, blocks, write);
  return 0;
}

}  // namespace recur
