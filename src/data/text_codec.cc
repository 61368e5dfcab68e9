#include "data/text_codec.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/base64.h"
#include "base/error.h"
#include "base/philox.h"

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

void check_options(const CodecOptions& o) {
  const bool subwords = o.kind == TokenizerKind::subword;
  if (o.kind == TokenizerKind::byte) fail("--tokenizer: expected char, word, token or subword, got byte");
  if (subwords && (o.words.min_count > 0 || o.words.max_vocab > 0 || o.words.lowercase)) {
    fail("--min-count, --max-vocab and --lowercase are not for --tokenizer subword; leave them out");
  }
  if (o.words.max_vocab > 0 && o.words.max_vocab <= kSpecials.size()) {
    fail("--max-vocab: expected 0 (no limit) or at least {} (<unk>, <s>, </s> and one more), got {}",
         kSpecials.size() + 1, o.words.max_vocab);
  }
}

constexpr bool is_blank(std::uint32_t code) { return code == ' ' || (code >= '\t' && code <= '\r'); }

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

// Throws Error if `text` is not UTF-8; returns whether there is anything but blanks.
bool check_text(std::string_view text) {
  TokenScanner scanner(text, TokenizerKind::character, "text");
  bool found = false;
  while (scanner.next()) found |= !is_blank(scanner.code());
  return found;
}

}  // namespace

TextCodec::Builder::Builder(const CodecOptions& options) : options_(options), counter_(options.kind) {
  check_options(options);
}

void TextCodec::Builder::add(std::string_view text) {
  if (options_.kind == TokenizerKind::subword) {
    if (check_text(text)) keep(text);
    return;
  }
  scan(text, options_.kind, options_.words.lowercase, [this](TokenScanner& scanner) { counter_.add(scanner); });
}

// Every text is as likely as any other to be among those kept (Vitter 1985, algorithm R).
void TextCodec::Builder::keep(std::string_view text) {
  const std::uint64_t number = text_count_++;
  if (texts_.size() < kMostTexts) {
    texts_.push_back(one_line(text));
    return;
  }
  const double drawn = Random(0, RandomPurpose::sample).uniform64(number) * static_cast<double>(text_count_);
  const auto place = static_cast<std::uint64_t>(drawn);
  if (place < kMostTexts) texts_[static_cast<std::size_t>(place)] = one_line(text);
}

TextCodec TextCodec::Builder::build() const {
  const TokenizerOptions& words = options_.words;
  if (options_.kind == TokenizerKind::subword) {
    if (texts_.empty()) fail("no text to make a vocabulary of");
    return TextCodec(options_.kind, false, Subwords::learn(texts_, options_.subwords));
  }
  std::vector<PieceCount> counted = counter_.pieces();
  if (counted.empty()) fail("no text to make a vocabulary of");
  for (const std::string_view special : kSpecials) take_out(counted, special);
  sort_by_count(counted);
  const std::size_t most =
      words.max_vocab > 0 ? words.max_vocab - kSpecials.size() : std::numeric_limits<std::size_t>::max();
  keep_most_frequent(counted, words.min_count, most);
  std::vector<std::string> tokens;
  tokens.reserve(counted.size() + kSpecials.size());
  for (PieceCount& piece : counted) tokens.push_back(std::move(piece.text));
  return TextCodec(options_.kind, words.lowercase, with_specials(std::move(tokens)));
}

TextCodec TextCodec::of(const Tokenizer& tokenizer) {
  return TextCodec(tokenizer.kind(), tokenizer.lowercase(), tokenizer);
}

Json TextCodec::to_json() const {
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) {
    return {{"kind", to_string(kind_)}, {"model", to_base64(subwords->model())}};
  }
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) {
    Json json = tokenizer->to_json();
    json["specials"] = false;
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
  if (kind == TokenizerKind::subword) {
    const auto model = json.find("model");
    if (model == json.end() || !model->is_string()) fail("tokenizer: expected a string \"model\"");
    return TextCodec(kind, false, Subwords(from_base64(model->get_ref<const std::string&>())));
  }
  const auto specials = json.find("specials");
  if (specials == json.end() || !specials->is_boolean()) fail("tokenizer: expected \"specials\" to be true or false");
  if (!specials->get<bool>()) return of(Tokenizer::from_json(json));
  if (kind == TokenizerKind::byte) fail("tokenizer: expected kind char, word, token or subword, got byte");
  const bool lowercase = lowercase_from_json(json);
  std::vector<std::string> tokens = tokens_from_json(json, kind);
  for (std::size_t i = 0; i < tokens.size(); ++i) check_token(tokens[i], i, kind, lowercase);
  return TextCodec(kind, lowercase, with_specials(std::move(tokens)));
}

template <class Use>
void TextCodec::for_each(std::string_view text, const Use& use) const {
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) {
    check_text(text);
    for (const Subwords::Piece& piece : subwords->encode(one_line(text))) use(piece.id, piece.text);
  } else if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) {
    TokenScanner scanner = tokenizer->scanner(text, "text");
    for (int id = tokenizer->next(scanner); id != Tokenizer::kEndOfText; id = tokenizer->next(scanner)) {
      if (id != Tokenizer::kUnseen) use(id, scanner.piece());
    }
  } else {
    const auto& vocabulary = std::get<Vocabulary>(pieces_);
    scan(text, kind_, lowercase_, [&](TokenScanner& scanner) {
      while (scanner.next()) {
        const int id = vocabulary.id(scanner.piece()).value_or(kUnknown);
        use(id == kBegin || id == kEnd ? kUnknown : id, scanner.piece());
      }
    });
  }
}

std::vector<int> TextCodec::encode(std::string_view text) const {
  std::vector<int> ids;
  for_each(text, [&](int id, std::string_view) { ids.push_back(id); });
  return ids;
}

std::vector<std::string> TextCodec::pieces(std::string_view text) const {
  std::vector<std::string> pieces;
  for_each(text, [&](int, std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
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

std::string TextCodec::piece(int id) const {
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) return subwords->piece(id);
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) return tokenizer->vocabulary().token(id);
  return std::get<Vocabulary>(pieces_).token(id);
}

int TextCodec::size() const {
  if (const auto* subwords = std::get_if<Subwords>(&pieces_)) return subwords->size();
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) return tokenizer->vocabulary().size();
  return std::get<Vocabulary>(pieces_).size();
}

std::optional<int> TextCodec::unknown() const {
  if (const auto* tokenizer = std::get_if<Tokenizer>(&pieces_)) return tokenizer->vocabulary().unknown();
  return kUnknown;
}

int TextCodec::begin() const {
  assert(has_specials());
  return kBegin;
}

int TextCodec::end() const {
  assert(has_specials());
  return kEnd;
}

}  // namespace recur
