#include "data/subwords.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <cassert>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "data/vocabulary_counter.h"

namespace recur {
namespace {

constexpr std::size_t kSpecials = 3;
constexpr std::size_t kMostSubwords = 10'000'000;
// SentencePiece ends the program when it learns from a word of tens of thousands of characters.
constexpr std::ptrdiff_t kLongestWord = 1000;

// The text with a space inside every word that is too long.
std::string with_short_words(std::string_view text) {
  std::string cut;
  cut.reserve(text.size());
  std::ptrdiff_t length = 0;
  for (const char c : text) {
    const bool begins_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (length >= kLongestWord && begins_character && c != ' ') {
      cut += ' ';
      length = 0;
    }
    length = c == ' ' ? 0 : length + 1;
    cut += c;
  }
  return cut;
}

class Sentences : public sentencepiece::SentenceIterator {
 public:
  explicit Sentences(const std::vector<std::string>& texts) : texts_(texts) { read(); }
  bool done() const override { return place_ == texts_.size(); }
  void Next() override {
    ++place_;
    read();
  }
  const std::string& value() const override { return sentence_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void read() {
    if (!done()) sentence_ = with_short_words(texts_[place_]);
  }

  const std::vector<std::string>& texts_;
  std::size_t place_ = 0;
  std::string sentence_;
};

// The characters that the vocabulary must hold; a blank counts, as it precedes every text.
std::size_t count_characters(const std::vector<std::string>& texts) {
  VocabularyCounter counter(TokenizerKind::character);
  for (const std::string& text : texts) {
    TokenScanner scanner(text, TokenizerKind::character, "text");
    counter.add(scanner);
  }
  const std::vector<PieceCount> found = counter.pieces();
  const bool has_blank = std::ranges::find(found, " ", &PieceCount::text) != found.end();
  return found.size() + (has_blank ? 0 : 1);
}

[[noreturn]] void fail_to(const char* what, const sentencepiece::util::Status& status) {
  std::string reason = status.ToString();
  std::ranges::replace(reason, '\n', ' ');
  fail("subwords: SentencePiece cannot {}: {}", what, reason);
}

}  // namespace

Subwords Subwords::learn(const std::vector<std::string>& texts, std::size_t size) {
  const std::size_t least = count_characters(texts) + kSpecials;
  if (size < least || size > kMostSubwords) {
    fail("--subwords: expected {} (the characters of the text, <unk>, <s> and </s>) to {}, got {}", least,
         kMostSubwords, size);
  }
  const std::unordered_map<std::string, std::string> options = {{"model_type", "bpe"},
                                                                {"vocab_size", std::to_string(size)},
                                                                {"hard_vocab_limit", "false"},
                                                                {"character_coverage", "1.0"},
                                                                {"normalization_rule_name", "identity"},
                                                                {"add_dummy_prefix", "true"},
                                                                {"unk_id", "0"},
                                                                {"bos_id", "1"},
                                                                {"eos_id", "2"},
                                                                {"unk_surface", "<unk>"},
                                                                {"max_sentence_length", "1073741824"},
                                                                {"num_threads", "1"},
                                                                {"minloglevel", "2"}};
  Sentences sentences(texts);
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(options, &sentences, &model);
  if (!status.ok()) fail_to("learn from this text", status);
  return Subwords(std::move(model));
}

Subwords::Subwords(std::string model) : model_(std::move(model)) {
  const auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
  const auto status = processor->LoadFromSerializedProto(model_);
  if (!status.ok()) fail_to("read its model", status);
  if (processor->unk_id() != 0 || processor->bos_id() != 1 || processor->eos_id() != 2) {
    fail("subwords: expected a SentencePiece model with <unk>, <s> and </s> as pieces 0, 1 and 2");
  }
  processor_ = processor;
}

int Subwords::size() const { return processor_->GetPieceSize(); }

std::vector<Subwords::Piece> Subwords::encode(std::string_view text) const {
  std::vector<Piece> pieces;
  const auto encoded = processor_->EncodeAsImmutableProto(text);
  for (const auto& piece : encoded.pieces()) pieces.push_back({static_cast<int>(piece.id()), piece.surface()});
  return pieces;
}

std::string Subwords::decode(const std::vector<int>& ids) const {
  std::string text;
  const auto status = processor_->Decode(ids, &text);
  if (!status.ok()) fail_to("decode", status);
  return text;
}

const std::string& Subwords::piece(int id) const {
  assert(id >= 0 && id < size());
  return processor_->IdToPiece(id);
}

}  // namespace recur
