#include "data/text_codec.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "base/base64.h"
#include "base/error.h"
#include "base/philox.h"
#include "data/white_space.h"

namespace recur {
namespace {

using Json = nlohmann::json;

constexpr int kUnknown = 0, kBegin = 1, kEnd = 2;
constexpr std::array kSpecials = {kUnknownToken, std::string_view("<s>"), std::string_view("</s>")};
constexpr std::size_t kMostTexts = 2'000'000;

// The specials and then the tokens.
Vocabulary with_specials(std::vector<std::string> tokens) {
  tokens.insert(tokens.begin(), kSpecials.begin(), kSpecials.end());
  return Vocabulary(std::move(tokens));
}

void check_options(const CodecOptions& o, std::string_view flags) {
  const bool subwords = o.kind == TokenizerKind::subword;
  if (o.kind == TokenizerKind::byte) {
    fail("--{}tokenizer: expected char, word, token or subword, got byte", flags);
  }
  if (subwords && (o.words.min_count > 0 || o.words.max_vocab > 0 || o.words.lowercase)) {
    fail("--{0}min-count, --{0}max-vocab and --{0}lowercase are not for --{0}tokenizer subword; leave them out", flags);
  }
  if (o.words.max_vocab > 0 && o.words.max_vocab <= kSpecials.size()) {
    fail("--{}max-vocab: expected 0 (no limit) or at least {} (<unk>, <s>, </s> and one more), got {}", flags,
         kSpecials.size() + 1, o.words.max_vocab);
  }
}

// The specials that a word can be spelled like. As a word of the vocabulary such a one has a blank before it.
bool is_spelled_special(TokenizerKind kind, std::string_view word) {
  return kind == TokenizerKind::word && (word == kSpecials[kBegin] || word == kSpecials[kEnd]);
}
std::string as_word(std::string_view special) { return " " + std::string(special); }

// The text of a record, of which every blank is a space.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return is_blank(static_cast<unsigned char>(c)); }, ' ');
  return line;
}

// Calls use(scanner) with a scanner of a record's text.
template <class Use>
void scan(std::string_view text, TokenizerKind kind, bool lowercase, const Use& use) {
  std::string line;
  if (has_words(kind) && text.find('\n') != std::string_view::npos) text = line = one_line(text);
  TokenScanner scanner(text, kind, "text", lowercase);
  use(scanner);
}

// Throws Error if `text` is not UTF-8.
void check_text(std::string_view text) {
  TokenScanner scanner(text, TokenizerKind::character, "text");
  while (scanner.next()) {
  }
}

}  // namespace

TextCodec::Builder::Builder(const CodecOptions& options, std::string flags)
    : options_(options), flags_(std::move(flags)), counter_(options.kind) {
  check_options(options, flags_);
}

void TextCodec::Builder::add(std::string_view text) {
  if (options_.kind == TokenizerKind::subword) {
    check_text(text);
    if (!is_blank_text(text)) keep(text);
    return;
  }
  scan(text, options_.kind, options_.words.lowercase, [this](TokenScanner& scanner) { counter_.add(scanner); });
}

// Every text is as likely as any other to be among those kept (Vitter 1985, algorithm R).
void TextCodec::Builder::keep(std::string_view text) {
  const std::uint64_t number = text_count_++;
  if (texts_.size() < kMostTexts) {
    texts_.emplace_back(text);
    return;
  }
  const double drawn = Random(0, RandomPurpose::sample).uniform64(number) * static_cast<double>(text_count_);
  const auto place = static_cast<std::uint64_t>(drawn);
  if (place < kMostTexts) texts_[static_cast<std::size_t>(place)] = text;
}

TextCodec TextCodec::Builder::build() const {
  const TokenizerOptions& words = options_.words;
  if (known_ && known_->kind() == TokenizerKind::byte) return *known_;
  if (options_.kind == TokenizerKind::subword) {
    if (known_) return TextCodec(options_.kind, false, *known_->subwords());
    if (texts_.empty()) fail("no text to make a vocabulary of");
    return TextCodec(options_.kind, false, Subwords::learn(texts_, options_.subwords, flags_));
  }
  std::vector<PieceCount> counted = counter_.pieces();
  if (counted.empty()) fail("no text to make a vocabulary of");
  take_out(counted, kUnknownToken);
  for (PieceCount& piece : counted) {
    if (is_spelled_special(options_.kind, piece.text)) piece.text = as_word(piece.text);
  }
  sort_by_count(counted);
  const std::size_t most =
      words.max_vocab > 0 ? words.max_vocab - kSpecials.size() : std::numeric_limits<std::size_t>::max();
  keep_most_frequent(counted, words.min_count, most);
  std::vector<std::string> tokens;
  if (known_) tokens = known_->own_tokens();
  const std::unordered_set<std::string> known(tokens.begin(), tokens.end());
  tokens.reserve(tokens.size() + counted.size() + kSpecials.size());
  for (PieceCount& piece : counted) {
    if (!known.contains(piece.text)) tokens.push_back(std::move(piece.text));
  }
  return TextCodec(options_.kind, words.lowercase, with_specials(std::move(tokens)));
}

bool TextCodec::Builder::begin_with(const TextCodec& known, bool bytes_too) {
  const bool bytes = bytes_too && known.kind() == TokenizerKind::byte;
  if (!bytes && known.kind() != options_.kind) return false;
  if (!bytes && options_.words.lowercase && !known.lowercase()) return false;
  known_ = std::make_shared<const TextCodec>(known);
  return true;
}

const Subwords* TextCodec::subwords() const {
  const auto* tokenizer = std::get_if<Tokenizer>(&pieces_);
  return tokenizer != nullptr ? tokenizer->subwords() : std::get_if<Subwords>(&pieces_);
}

std::vector<std::string> TextCodec::own_tokens() const {
  std::vector<std::string> tokens;
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) {
    for (const std::string& token : tokenizer->vocabulary().tokens()) {
      if (has_words(kind_) && (token == kEndOfLineToken || token == kUnknownToken)) continue;
      tokens.push_back(is_spelled_special(kind_, token) ? as_word(token) : token);
    }
  } else if (const auto* vocabulary = std::get_if<Vocabulary>(&pieces_)) {
    tokens.assign(vocabulary->tokens().begin() + kSpecials.size(), vocabulary->tokens().end());
  }
  return tokens;
}

TextCodec TextCodec::of(const Tokenizer& tokenizer) {
  TextCodec codec(tokenizer.kind(), tokenizer.lowercase(), tokenizer);
  codec.adds_unknown_ = !tokenizer.unknown();
  return codec;
}

Json TextCodec::to_json() const {
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) {
    return {{"kind", to_string(kind_)}, {"model", to_base64(subwords->model())}};
  }
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) {
    Json json = tokenizer->to_json();
    json["specials"] = false;
    if (adds_unknown_) json["unknown"] = true;
    return json;
  }
  const std::vector<std::string>& tokens = std::get<Vocabulary>(pieces_).tokens();
  Json json = {{"kind", to_string(kind_)},
               {"specials", true},
               {"tokens", std::vector<std::string>(tokens.begin() + kSpecials.size(), tokens.end())}};
  if (lowercase_) json["lowercase"] = true;
  return json;
}

TextCodec TextCodec::from_json(const Json& json) {
  const TokenizerKind kind = kind_from_json(json);
  const auto specials = json.find("specials");
  if (kind == TokenizerKind::subword && specials == json.end()) {
    return TextCodec(kind, false, subwords_from_json(json));
  }
  if (specials == json.end() || !specials->is_boolean()) fail("tokenizer: expected \"specials\" to be true or false");
  if (!specials->get<bool>()) {
    TextCodec codec = of(Tokenizer::from_json(json));
    const auto unknown = json.find("unknown");
    if (unknown != json.end() && (*unknown != true || !codec.adds_unknown_)) {
      fail("tokenizer: expected \"unknown\" to be true, and no {} among the tokens", kUnknownToken);
    }
    codec.adds_unknown_ = unknown != json.end();
    return codec;
  }
  if (kind == TokenizerKind::byte || kind == TokenizerKind::subword) {
    fail("tokenizer: expected \"specials\" to be false, or kind char, word or token");
  }
  const bool lowercase = lowercase_from_json(json);
  std::vector<std::string> tokens = tokens_from_json(json, kind);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].starts_with(' ') && is_spelled_special(kind, tokens[i].substr(1))) continue;
    check_token(tokens[i], i, kind, lowercase);
  }
  return TextCodec(kind, lowercase, with_specials(std::move(tokens)));
}

template <class Use>
void TextCodec::for_each(std::string_view text, const Use& use) const {
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) {
    check_text(text);
    for (const Subwords::Piece& piece : subwords->encode(text)) use(piece.id, piece.text);
  } else if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) {
    TokenScanner scanner = tokenizer->scanner(text, "text");
    const int unseen = unknown().value_or(Tokenizer::kUnseen);
    for (int id = tokenizer->next(scanner); id != Tokenizer::kEndOfText; id = tokenizer->next(scanner)) {
      if (id == Tokenizer::kUnseen) id = unseen;
      if (id != Tokenizer::kUnseen) use(id, scanner.piece());
    }
  } else {
    const auto& vocabulary = std::get<Vocabulary>(pieces_);
    scan(text, kind_, lowercase_, [&](TokenScanner& scanner) {
      while (scanner.next()) {
        const std::string_view piece = scanner.piece();
        const auto id = is_spelled_special(kind_, piece) ? vocabulary.id(as_word(piece)) : vocabulary.id(piece);
        use(id.value_or(kUnknown), piece);
      }
    });
  }
}

std::vector<int> TextCodec::encode(std::string_view text) const {
  std::vector<int> ids;
  for_each(text, [&](int id, std::string_view) { ids.push_back(id); });
  return ids;
}

int TextCodec::word_id(std::string_view word) const {
  const std::vector<int> ids = encode(word);
  return ids.size() == 1 ? ids.front() : *unknown();
}

std::vector<std::string> TextCodec::pieces(std::string_view text) const {
  std::vector<std::string> pieces;
  for_each(text, [&](int, std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
}

std::vector<std::string> TextCodec::spellings(std::string_view text) const {
  std::vector<std::string> spellings;
  for_each(text, [&](int id, std::string_view piece) {
    spellings.push_back(kind_ == TokenizerKind::subword && id != kUnknown ? spelling(id) : std::string(piece));
  });
  return spellings;
}

std::string TextCodec::spelling(int id) const {
  const auto* subwords = std::get_if<Subwords>(&pieces_);
  return subwords != nullptr && id >= static_cast<int>(kSpecials.size()) ? subwords->spelling(id) : piece(id);
}

std::string TextCodec::decode(std::span<const int> ids) const {
  std::vector<int> shown;
  std::ranges::copy_if(ids, std::back_inserter(shown),
                       [this](int id) { return !has_specials() || (id != kBegin && id != kEnd); });
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) return subwords->decode(shown);
  std::string text;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i > 0) text += separator();
    text += piece(shown[i]);
  }
  return text;
}

std::string TextCodec::added(std::optional<int> before, int id) const {
  if (!before) return decode({&id, 1});
  const int both[] = {*before, id};
  return decode(both).substr(decode({both, 1}).size());
}

std::string TextCodec::piece(int id) const {
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) {
    const bool is_added = id == tokenizer->vocabulary().size();
    return is_added ? std::string(kUnknownToken) : tokenizer->vocabulary().token(id);
  }
  const auto place = static_cast<std::size_t>(id);
  if (place < kSpecials.size()) return std::string(kSpecials[place]);
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) return subwords->piece(id);
  const std::string& token = std::get<Vocabulary>(pieces_).token(id);
  return kind_ == TokenizerKind::word && token.starts_with(' ') ? token.substr(1) : token;
}

std::vector<std::string> TextCodec::all_pieces() const {
  std::vector<std::string> pieces;
  for (int id = 0; id < size(); ++id) pieces.push_back(spelling(id));
  return pieces;
}

int TextCodec::size() const {
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) return subwords->size();
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) {
    return tokenizer->vocabulary().size() + (adds_unknown_ ? 1 : 0);
  }
  return std::get<Vocabulary>(pieces_).size();
}

std::optional<int> TextCodec::unknown() const {
  const auto* tokenizer = std::get_if<Tokenizer>(&pieces_);
  if (tokenizer == nullptr) return kUnknown;
  return adds_unknown_ ? tokenizer->vocabulary().size() : tokenizer->unknown();
}

int TextCodec::begin() const {
  assert(has_specials());
  return kBegin;
}

int TextCodec::end() const {
  assert(has_specials());
  return kEnd;
}

std::vector<int> TextCodec::specials() const {
  return has_specials() ? std::vector<int>{kBegin, kEnd} : std::vector<int>();
}

}  // namespace recur
