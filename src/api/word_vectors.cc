// What include/recur/word_vectors.h promises, put together from the floors below.
#include "recur/word_vectors.h"

#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "base/check_options.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/option_json.h"
#include "base/show.h"
#include "data/embedding_text.h"
#include "infer/word_search.h"
#include "infer/word_tests.h"
#include "io/embedding_file.h"
#include "train/embedding_trainer.h"

namespace recur {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

void check(const EmbedJob& job) {
  check_options_of(job);
  check_is_text(options_json(job));
  const EmbedOptions& o = job.options;
  if (o.letters_from > o.letters_to) {
    fail("--letters-from: expected at most --letters-to, which is {}, got {}", o.letters_to, o.letters_from);
  }
  vectors_format(job.model);
}

std::string provenance_of(const EmbedJob& job, const EmbeddingText& text, const EmbedResult& result) {
  const json provenance = {{"recur", RECUR_VERSION},
                           {"data", job.data},
                           {"words", text.words()},
                           {"words_trained", result.words},
                           {"nats_per_prediction", result.loss}};
  return provenance.dump();
}

}  // namespace

struct WordVectors::Contents {
  std::string name;  // for messages
  WordSearch search;

  // Throws Error for a word that has none.
  std::vector<float> direction(std::string_view word) const {
    std::vector<float> direction = search.direction(word);
    if (direction.empty()) fail_unknown(word);
    return direction;
  }
  [[noreturn]] void fail_unknown(std::string_view word) const {
    fail("{}: has no vector for {}; the nearest spelling is {}", name, quote(word),
         quote(search.nearest_spelling(word)));
  }
  std::vector<Neighbour> answer(WordSearch::Query query, std::size_t count) const {
    normalise(query.direction);
    std::vector<Neighbour> neighbours;
    const auto answers = search.search(std::span(&query, 1), count);
    for (const auto& [word, similarity] : answers.front()) {
      neighbours.push_back({search.vocabulary().token(word), similarity});
    }
    return neighbours;
  }
};

void list_options(OptionList& list, EmbedJob& job) {
  list.group("Files");
  list.text("data", job.data, "FILE", "The text, UTF-8; - is standard input");
  list.text("out", job.model, "FILE",
            "The vectors: .safetensors, .vec or .txt (text), or .bin (word2vec's binary format)");
  list_options(list, job.options);
}

WordVectors WordVectors::train(const EmbedJob& job, const TrainingHooks& hooks,
                               const std::function<void(const EmbedSummary&)>& begin, EmbedResult* result) {
  check(job);
  const EmbeddingText text(job.data, job.options.tokenizer, job.options.words);
  EmbeddingTrainer trainer(text, job.options);
  if (begin) begin({text.words(), text.rare(), text.counts().size(), trainer.ngrams()});
  const EmbedResult trained = trainer.train(hooks);
  if (result != nullptr) *result = trained;
  if (trained.reason == StopReason::finished && trained.epochs > 0 && trained.loss == 0) {
    fail("{}: no word of the text was trained; give more text, or a larger --subsample", job.data);
  }
  EmbeddingTable table = trainer.table();
  if (!all_finite(table.vectors) || !all_finite(table.ngram_vectors)) {
    fail("--lr: the training has gone wrong, its vectors are not finite numbers; give a smaller one");
  }
  table.options = options_json(job.options).dump();
  table.provenance = provenance_of(job, text, trained);
  save_embedding(job.model, table);
  return WordVectors(job.model, std::move(table));
}

WordVectors WordVectors::load(const std::string& path) { return WordVectors(path, read_embedding(path)); }

WordVectors::WordVectors(std::string name, EmbeddingTable table)
    : contents_(std::make_shared<const Contents>(Contents{std::move(name), WordSearch(std::move(table))})) {}

bool WordVectors::is_in(const std::string& path) {
  if (!is_safetensors(path)) return has_vectors_ending(path) && begins_as_vectors(path);
  return ModelFile(path).task() == kEmbedTask;
}

const std::string& WordVectors::skipped() const& { return contents_->search.table().skipped; }

void WordVectors::save(const std::string& path) const { save_embedding(path, contents_->search.table()); }

std::size_t WordVectors::size() const { return contents_->search.table().words.size(); }
std::size_t WordVectors::width() const { return contents_->search.table().width; }
const std::string& WordVectors::word(std::size_t i) const& { return contents_->search.table().words.at(i); }
bool WordVectors::has(std::string_view word) const { return contents_->search.place(word) >= 0; }

std::vector<float> WordVectors::vector(std::string_view word) const {
  const EmbeddingTable& t = contents_->search.table();
  const int place = contents_->search.place(word);
  if (place < 0) return contents_->direction(word);
  const auto begin = t.vectors.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(place) * t.width);
  return {begin, begin + static_cast<std::ptrdiff_t>(t.width)};
}

double WordVectors::similarity(std::string_view a, std::string_view b) const {
  const std::vector<float> x = contents_->direction(a), y = contents_->direction(b);
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

std::vector<Neighbour> WordVectors::neighbours(std::string_view word, std::size_t count) const {
  WordSearch::Query query{contents_->direction(word), {}};
  if (const int place = contents_->search.place(word); place >= 0) query.without.push_back(place);
  return contents_->answer(std::move(query), count);
}

std::vector<Neighbour> WordVectors::analogy(std::string_view a, std::string_view b, std::string_view c,
                                            std::size_t count) const {
  for (const std::string_view word : {a, b, c}) static_cast<void>(contents_->direction(word));
  return contents_->answer(analogy_query(contents_->search, a, b, c), count);
}

std::string WordVectors::evaluate(const std::string& path) const {
  return run_word_tests(contents_->search, path).dump();
}

std::string WordVectors::describe() const {
  const EmbeddingTable& t = contents_->search.table();
  const ordered_json about = {
      {"task", kEmbedTask},        {"words", t.words.size()},         {"width", t.width},
      {"ngrams", t.ngrams.size()}, {"model", json::parse(t.options)}, {"provenance", json::parse(t.provenance)}};
  return about.dump();
}

}  // namespace recur
