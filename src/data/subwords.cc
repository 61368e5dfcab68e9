#include "data/subwords.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "data/vocabulary_counter.h"

namespace recur {
namespace {

constexpr std::size_t kMostSubwords = 1'000'000;

// How SentencePiece spells the pieces 0, 1 and 2 of a model that gives texts back as they were. No text is spelled so,
// as U+2585 is reserved.
constexpr std::array kNames = {"\u2585unk", "\u2585s", "\u2585/s"};
constexpr std::string_view kBlank = "\u2581";  // as SentencePiece spells it
constexpr std::string_view kBlanks = "\t\n\v\f\r";

// What SentencePiece does not read as itself: its own blank and unknown character, the tab, which it learns nothing of,
// and the end of a C string. Each is spelled as an escape and a code that also are control characters; so is the
// escape.
struct Reserved {
  std::string_view text;
  char code;
};
constexpr char kEscape = '\x10';
constexpr Reserved kReserved[] = {
    {"\u2581", '\x11'}, {"\u2585", '\x12'}, {"\t", '\x13'}, {{"\0", 1}, '\x14'}, {{&kEscape, 1}, kEscape}};

std::string escaped(std::string_view text) {
  std::string spelled;
  spelled.reserve(text.size());
  while (!text.empty()) {
    const auto* const reserved =
        std::ranges::find_if(kReserved, [&](const Reserved& r) { return text.starts_with(r.text); });
    if (reserved == std::end(kReserved)) {
      spelled += text.front();
      text.remove_prefix(1);
    } else {
      spelled += {kEscape, reserved->code};
      text.remove_prefix(reserved->text.size());
    }
  }
  return spelled;
}

// Undoes escaped() for a text that comes in parts. An escape belongs to the part with its code; one without is dropped.
class Unescape {
 public:
  std::string operator()(std::string_view part) {
    std::string text;
    for (const char c : part) {
      const auto* const reserved = std::ranges::find(kReserved, c, &Reserved::code);
      if (!open_ && c == kEscape) {
        open_ = true;
        continue;
      }
      if (open_ && reserved != std::end(kReserved)) {
        text += reserved->text;
      } else {
        text += c;
      }
      open_ = false;
    }
    return text;
  }

 private:
  bool open_ = false;  // the last character was an escape
};

// The text with a space inside every word that is too long.
std::string with_short_words(std::string_view text) {
  std::string cut;
  cut.reserve(text.size());
  std::size_t length = 0;
  for (const char c : text) {
    if (length >= Subwords::kLongestWord && begins_character(c) && c != ' ') {
      cut += ' ';
      length = 0;
    }
    length = c == ' ' ? 0 : length + 1;
    cut += c;
  }
  return cut;
}

// What SentencePiece learns from: sentence_of(i) of so many.
template <class SentenceOf>
class Sentences : public sentencepiece::SentenceIterator {
 public:
  Sentences(std::size_t count, SentenceOf sentence_of) : count_(count), sentence_of_(std::move(sentence_of)) { read(); }
  bool done() const override { return place_ == count_; }
  void Next() override {
    ++place_;
    read();
  }
  const std::string& value() const override { return sentence_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void read() {
    if (!done()) sentence_ = sentence_of_(place_);
  }

  std::size_t count_;
  SentenceOf sentence_of_;
  std::size_t place_ = 0;
  std::string sentence_;
};

// The characters that the vocabulary must hold; a blank counts, as it precedes every text.
template <class SentenceOf>
std::size_t count_characters(std::size_t count, const SentenceOf& sentence_of) {
  VocabularyCounter counter(TokenizerKind::character);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& sentence = sentence_of(i);
    TokenScanner scanner(sentence, TokenizerKind::character, "text");
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

// A field of a protocol buffer's message.
struct WireField {
  std::uint64_t number = 0;
  std::string_view bytes;   // of a text, a message or a number of fixed size
  bool sized = false;       // whether it is a text or a message
  std::uint64_t value = 0;  // of another number
};

// Takes a number of 7 bits a byte, the last byte below 128; nothing where there is none.
std::optional<std::uint64_t> take_number(std::string_view& message) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !message.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(message.front());
    message.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

// Takes the first field off a message; nothing where there is none of the kinds that SentencePiece writes.
std::optional<WireField> take_field(std::string_view& message) {
  const auto tag = take_number(message);
  if (!tag) return std::nullopt;
  WireField field{*tag >> 3, {}, (*tag & 7) == 2, 0};
  std::uint64_t size = 0;
  switch (*tag & 7) {
    case 0: {
      const auto value = take_number(message);
      if (!value) return std::nullopt;
      field.value = *value;
      return field;
    }
    case 1:
      size = 8;
      break;
    case 2: {
      const auto length = take_number(message);
      if (!length) return std::nullopt;
      size = *length;
      break;
    }
    case 5:
      size = 4;
      break;
    default:
      return std::nullopt;
  }
  if (size > message.size()) return std::nullopt;
  field.bytes = message.substr(0, static_cast<std::size_t>(size));
  message.remove_prefix(static_cast<std::size_t>(size));
  return field;
}

// Calls visit(field) for all fields; false where the message is damaged or visit() says so.
template <class Visit>
bool all_fields(std::string_view message, const Visit& visit) {
  while (!message.empty()) {
    const auto field = take_field(message);
    if (!field || !visit(*field)) return false;
  }
  return true;
}

bool is_finite_number(std::string_view bytes) {
  float number = 0;
  if (bytes.size() != sizeof number) return false;
  std::memcpy(&number, bytes.data(), sizeof number);
  return std::isfinite(number);
}

// Whether a piece has a text, a score and one of the kinds that learn() makes: of texts, <unk>, or <s> and </s>.
bool is_learned_piece(std::string_view piece) {
  constexpr std::uint64_t kText = 1, kScore = 2, kKind = 3;
  bool has_text = false;
  const bool whole = all_fields(piece, [&](const WireField& f) {
    if (f.number == kText) has_text = f.sized && !f.bytes.empty();
    if (f.number == kKind) return f.value >= 1 && f.value <= 3;
    return f.number != kScore || is_finite_number(f.bytes);
  });
  return whole && has_text;
}

// Whether a model is one that learn() can have made. SentencePiece itself checks less: it follows the table by which
// other models replace characters wherever that leads, sorts by scores that have no order, and ends the program where a
// piece of a user's own is empty. What is not of a field's own kind it passes over, and so takes another default.
bool is_learned(std::string_view model) {
  constexpr std::uint64_t kPiece = 1, kTrainer = 2, kNormalizer = 3, kDenormalizer = 5;
  constexpr std::uint64_t kModelType = 3, kTable = 2, kBytePairs = 2;
  bool byte_pairs = false;
  const bool whole = all_fields(model, [&](const WireField& part) {
    if (part.number <= kDenormalizer && !part.sized) return false;
    if (part.number == kPiece) return is_learned_piece(part.bytes);
    if (part.number == kTrainer) {
      return all_fields(part.bytes, [&](const WireField& f) {
        if (f.number == kModelType) byte_pairs = f.value == kBytePairs;
        return true;
      });
    }
    if (part.number == kNormalizer || part.number == kDenormalizer) {
      return all_fields(part.bytes, [](const WireField& f) { return f.number != kTable || f.bytes.empty(); });
    }
    return true;
  });
  return whole && byte_pairs;
}

// Throws Error unless <unk>, <s> and </s> are pieces 0, 1 and 2, and all others are pieces of texts.
void check_pieces(const sentencepiece::SentencePieceProcessor& processor) {
  if (processor.unk_id() != 0 || processor.bos_id() != 1 || processor.eos_id() != 2) {
    fail("subwords: expected a SentencePiece model with <unk>, <s> and </s> as pieces 0, 1 and 2");
  }
  for (int id = static_cast<int>(Subwords::kSpecials); id < processor.GetPieceSize(); ++id) {
    if (processor.IsUnknown(id) || processor.IsControl(id) || processor.IsUnused(id) || processor.IsByte(id)) {
      fail("subwords: expected piece {} of the SentencePiece model to be one of texts", id);
    }
    TokenScanner characters(processor.IdToPiece(id), TokenizerKind::character, fmt::format("subwords: piece {}", id));
    while (characters.next()) continue;
  }
}

// A model of the sentences, for which there is room for `characters`. `words`: they are words, each with a tab and how
// often it occurs.
template <class SentenceOf>
std::string learn_model(std::size_t count, SentenceOf sentence_of, std::size_t characters, bool words, std::size_t size,
                        std::string_view flags) {
  const std::size_t least = characters + Subwords::kSpecials;
  if (size < least || size > kMostSubwords) {
    fail("--{}subwords: expected {} (the characters of the text, <unk>, <s> and </s>) to {}, got {}", flags, least,
         kMostSubwords, size);
  }
  const std::unordered_map<std::string, std::string> options = {{"model_type", "bpe"},
                                                                {"vocab_size", std::to_string(size)},
                                                                {"hard_vocab_limit", "false"},
                                                                {"character_coverage", "1.0"},
                                                                {"normalization_rule_name", "identity"},
                                                                {"input_format", words ? "tsv" : "text"},
                                                                {"add_dummy_prefix", words ? "false" : "true"},
                                                                {"remove_extra_whitespaces", "false"},
                                                                {"unk_piece", kNames[0]},
                                                                {"bos_piece", kNames[1]},
                                                                {"eos_piece", kNames[2]},
                                                                {"unk_id", "0"},
                                                                {"bos_id", "1"},
                                                                {"eos_id", "2"},
                                                                {"unk_surface", "<unk>"},
                                                                {"max_sentence_length", "1073741824"},
                                                                {"num_threads", "1"},
                                                                {"minloglevel", "2"}};
  Sentences sentences(count, std::move(sentence_of));
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(options, &sentences, &model);
  if (!status.ok()) fail_to("learn from this text", status);
  return model;
}

}  // namespace

Subwords Subwords::learn(const std::vector<std::string>& texts, std::size_t size, std::string_view flags) {
  const auto spelled = [&](std::size_t i) { return escaped(texts[i]); };
  return Subwords(learn_model(
      texts.size(), [&](std::size_t i) { return with_short_words(escaped(texts[i])); },
      count_characters(texts.size(), spelled), false, size, flags));
}

Subwords Subwords::learn_words(const std::vector<PieceCount>& words, std::size_t size) {
  const auto spelled = [&](std::size_t i) -> const std::string& { return words[i].text; };
  return Subwords(learn_model(
      words.size(), [&](std::size_t i) { return fmt::format("{}\t{}", words[i].text, words[i].count); },
      count_characters(words.size(), spelled), true, size, ""));
}

Subwords::Subwords(std::string model) : model_(std::move(model)) {
  if (!is_learned(model_)) fail("subwords: expected a SentencePiece model of byte pairs as recur learns it");
  const auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
  const auto status = processor->LoadFromSerializedProto(model_);
  if (!status.ok()) fail_to("read its model", status);
  check_pieces(*processor);
  processor_ = processor;
  exact_ = processor->IdToPiece(0) == kNames[0];
  const std::vector<std::string> read = processor->EncodeAsPieces("-");
  of_words_ = !read.empty() && !read.front().starts_with(kBlank);
  for (const char& c : kBlanks) {
    if (!knows({&c, 1})) unknown_blanks_ += c;
  }
}

// Whether every character of `text`, as it is spelled, is in the vocabulary.
bool Subwords::knows(std::string_view text) const {
  const std::string spelled = escaped(text);
  return exact_ && std::ranges::all_of(spelled, [&](const char& c) { return processor_->PieceToId({&c, 1}) != 0; });
}

// The text as SentencePiece is to read it.
std::string Subwords::spelled(std::string_view text) const {
  std::string spelled(text);
  std::ranges::replace_if(
      spelled, [&](char c) { return unknown_blanks_.find(c) != std::string::npos; }, ' ');
  return exact_ ? escaped(spelled) : spelled;
}

int Subwords::size() const { return processor_->GetPieceSize(); }

std::vector<Subwords::Piece> Subwords::encode(std::string_view text) const {
  std::vector<Piece> pieces;
  Unescape unescaped;
  const auto encoded = processor_->EncodeAsImmutableProto(spelled(text));
  for (const auto& piece : encoded.pieces()) {
    pieces.push_back({static_cast<int>(piece.id()), exact_ ? unescaped(piece.surface()) : piece.surface()});
  }
  return pieces;
}

std::string Subwords::decode(const std::vector<int>& ids) const {
  std::string text;
  const auto status = processor_->Decode(ids, &text);
  if (!status.ok()) fail_to("decode", status);
  return exact_ ? Unescape()(text) : text;
}

std::string Subwords::spelling(int id) const {
  std::string text = piece(id);
  for (std::size_t at = text.find(kBlank); at != text.npos; at = text.find(kBlank, at + 1)) {
    text.replace(at, kBlank.size(), " ");
  }
  return exact_ ? Unescape()(text) : text;
}

const std::string& Subwords::piece(int id) const {
  assert(id >= 0 && id < size());
  return processor_->IdToPiece(id);
}

}  // namespace recur
