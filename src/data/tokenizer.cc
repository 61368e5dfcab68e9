#include "data/tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "base/base64.h"
#include "base/error.h"
#include "base/show.h"
#include "data/vocabulary_counter.h"

namespace recur {
namespace {

using Json = nlohmann::json;

std::vector<PieceCount> choose_words(std::vector<PieceCount> words, const TokenizerOptions& options) {
  PieceCount end_of_line = take_out(words, kEndOfLineToken);
  PieceCount unknown = take_out(words, kUnknownToken);
  sort_by_count(words);
  unknown.count += keep_most_frequent(words, options.min_count, words.size());
  const std::size_t size = words.size() + 1 + (unknown.count > 0 ? 1 : 0);
  if (options.max_vocab > 0 && size > options.max_vocab) {
    unknown.count += keep_most_frequent(words, 0, options.max_vocab - 2);
  }
  words.push_back(std::move(end_of_line));
  if (unknown.count > 0) words.push_back(std::move(unknown));
  sort_by_count(words);
  return words;
}

// A reserved character in UTF-8.
bool is_reserved(std::string_view text) {
  TokenScanner characters(text, TokenizerKind::character, "tokenizer");
  return characters.next() && characters.piece() == text && Subwords::is_reserved(characters.code());
}

Vocabulary vocabulary_of(const Subwords& subwords, std::vector<std::string> reserved) {
  for (int id = static_cast<int>(Subwords::kSpecials); id < subwords.size(); ++id) {
    reserved.push_back(subwords.spelling(id));
  }
  return Vocabulary(std::move(reserved));
}

void check_options(TokenizerKind kind, const TokenizerOptions& options) {
  if (!has_words(kind) && (options.min_count > 0 || options.max_vocab > 0)) {
    fail("--min-count and --max-vocab are for --tokenizer word and token, not {}; leave them out", to_string(kind));
  }
  if (options.max_vocab > 0 && options.max_vocab < 3) {
    fail("--max-vocab: expected 0 (no limit) or at least 3 (<eos>, <unk> and one word), got {}", options.max_vocab);
  }
}

void check_lowercase(TokenizerKind kind, bool lowercase) {
  if (lowercase && (kind == TokenizerKind::byte || kind == TokenizerKind::subword)) {
    fail("--lowercase is for --tokenizer char, word and token, not {}; leave it out", to_string(kind));
  }
}

std::string token_from_json(TokenizerKind kind, const Json& json, std::size_t place) {
  if (kind == TokenizerKind::byte) {
    if (!json.is_number_integer() || json < 0 || json > 255) {
      fail("tokenizer: token {}: expected a number from 0 to 255", place);
    }
    return std::string(1, static_cast<char>(json.get<unsigned char>()));
  }
  if (!json.is_string()) fail("tokenizer: token {}: expected a string, got {}", place, json.type_name());
  return json.get<std::string>();
}

// How a piece is named in a message; a character and a byte also by its number.
std::string described(TokenizerKind kind, const TokenScanner& scanner) {
  switch (kind) {
    case TokenizerKind::byte:
      return fmt::format("byte 0x{:02X}", scanner.code());
    case TokenizerKind::character:
      return fmt::format("character {} (U+{:04X})", quote(scanner.piece()), scanner.code());
    default:
      return fmt::format("{} {}", to_string(kind), quote(scanner.piece()));
  }
}

}  // namespace

TokenizerKind kind_from_json(const Json& json) {
  const auto kind = json.is_object() ? json.find("kind") : json.end();
  if (kind == json.end() || !kind->is_string()) fail("tokenizer: expected an object with a string \"kind\"");
  const auto& name = kind->get_ref<const std::string&>();
  const auto known = choice_named<TokenizerKind>(name);
  if (!known) fail("tokenizer: expected byte, char, word, token or subword, got {}", quote(name));
  return *known;
}

bool lowercase_from_json(const Json& json) {
  const auto lowercase = json.find("lowercase");
  if (lowercase == json.end()) return false;
  if (!lowercase->is_boolean()) fail("tokenizer: expected \"lowercase\" to be true or false");
  return lowercase->get<bool>();
}

std::vector<std::string> tokens_from_json(const Json& json, TokenizerKind kind) {
  const auto list = json.find("tokens");
  if (list == json.end() || !list->is_array()) fail("tokenizer: expected an array \"tokens\"");
  std::vector<std::string> tokens;
  tokens.reserve(list->size());
  for (const Json& token : *list) tokens.push_back(token_from_json(kind, token, tokens.size()));
  return tokens;
}

Subwords subwords_from_json(const Json& json) {
  const auto model = json.find("model");
  if (model == json.end() || !model->is_string()) fail("tokenizer: expected a string \"model\"");
  return Subwords(from_base64(model->get_ref<const std::string&>()));
}

std::uint32_t check_token(std::string_view token, std::size_t id, TokenizerKind kind, bool lowercase) {
  TokenScanner scanner(token, kind, fmt::format("tokenizer: token {} {}", id, quote(token)), lowercase);
  if (!scanner.next() || scanner.piece() != token) {
    fail("tokenizer: token {}: expected one {}, got {}", id, to_string(kind), quote(token));
  }
  return scanner.code();
}

Tokenizer::Tokenizer(TokenizerKind kind, Vocabulary vocabulary, bool lowercase)
    : kind_(kind), lowercase_(lowercase), vocabulary_(std::move(vocabulary)) {
  check_lowercase(kind_, lowercase_);
  if (kind_ == TokenizerKind::subword) fail("tokenizer: expected a model of subwords, got only their names");
  for (int id = 0; id < vocabulary_.size(); ++id) {
    // Words can be spelled like these two, tokens cannot.
    const std::string& token = vocabulary_.token(id);
    if (kind_ == TokenizerKind::token && (token == kEndOfLineToken || token == kUnknownToken)) continue;
    const std::uint32_t code = check_token(token, static_cast<std::size_t>(id), kind_, lowercase_);
    if (has_words(kind_)) continue;
    if (code >= code_ids_.size()) code_ids_.resize(code + 1, kUnseen);
    code_ids_[code] = id;
  }
  if (!has_words(kind_)) return;
  if (!vocabulary_.id(kEndOfLineToken)) fail("tokenizer: a vocabulary of words must hold {}", kEndOfLineToken);
  missing_ = vocabulary_.unknown().value_or(kUnseen);
}

Tokenizer Tokenizer::build(const InputFile& file, TokenizerKind kind, const TokenizerOptions& options,
                           const std::vector<std::string>& known, std::size_t subwords) {
  check_lowercase(kind, options.lowercase);
  check_options(kind, options);
  if (kind == TokenizerKind::subword) return learn_subwords(file, subwords);
  TokenScanner scanner(file, kind, TokenScanner::kChunkBytes, options.lowercase);
  VocabularyCounter counter(kind);
  counter.add(scanner);
  std::vector<PieceCount> pieces = counter.pieces();
  if (pieces.empty()) fail("{} is empty; a language model needs text", file.name());
  if (has_words(kind)) pieces = choose_words(std::move(pieces), options);
  std::vector<std::string> tokens = known;
  const std::unordered_set<std::string_view> before(known.begin(), known.end());
  for (PieceCount& piece : pieces) {
    if (!before.contains(piece.text)) tokens.push_back(std::move(piece.text));
  }
  return Tokenizer(kind, Vocabulary(std::move(tokens)), options.lowercase);
}

Tokenizer::Tokenizer(Subwords subwords, std::vector<std::string> reserved)
    : kind_(TokenizerKind::subword),
      lowercase_(false),
      vocabulary_(vocabulary_of(subwords, reserved)),
      subwords_(std::make_shared<const Subwords>(std::move(subwords))),
      first_subword_(static_cast<int>(reserved.size()) - static_cast<int>(Subwords::kSpecials)) {
  if (!subwords_->of_words()) fail("tokenizer: its subwords read a blank before a text; expected those of words");
  for (const std::string& character : reserved) {
    if (!is_reserved(character)) fail("tokenizer: {} is no reserved character of subwords", quote(character));
  }
}

Tokenizer Tokenizer::learn_subwords(const InputFile& file, std::size_t size) {
  TokenScanner scanner(file, TokenizerKind::subword);
  VocabularyCounter counter(TokenizerKind::word);
  while (scanner.next()) counter.add_word(scanner.piece());
  std::vector<PieceCount> words = counter.pieces();
  if (words.empty()) fail("{} is empty; a language model needs text", file.name());
  std::vector<std::string> reserved;
  for (const PieceCount& word : words) {
    if (is_reserved(word.text)) reserved.push_back(word.text);
  }
  std::ranges::sort(reserved);
  std::erase_if(words, [](const PieceCount& word) { return is_reserved(word.text); });
  if (words.empty()) fail("{}: has only control characters; expected text to learn subwords from", file.name());
  return Tokenizer(Subwords::learn_words(words, size), std::move(reserved));
}

TokenScanner Tokenizer::scanner(const InputFile& file, std::size_t chunk_bytes) const {
  return TokenScanner(file, kind_, chunk_bytes, lowercase_, subwords_);
}

TokenScanner Tokenizer::scanner(std::string_view text, std::string name) const {
  return TokenScanner(text, kind_, std::move(name), lowercase_, subwords_);
}

Json Tokenizer::to_json() const {
  if (subwords_ != nullptr) {
    const auto& all = vocabulary_.tokens();
    const auto reserved = all.size() + Subwords::kSpecials - static_cast<std::size_t>(subwords_->size());
    return {{"kind", to_string(kind_)},
            {"tokens", std::vector<std::string>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(reserved))},
            {"model", to_base64(subwords_->model())}};
  }
  Json tokens = Json::array();
  for (const std::string& token : vocabulary_.tokens()) {
    if (kind_ == TokenizerKind::byte) {
      tokens.push_back(static_cast<unsigned char>(token.front()));
    } else {
      tokens.push_back(token);
    }
  }
  Json json = {{"kind", to_string(kind_)}, {"tokens", std::move(tokens)}};
  if (lowercase_) json["lowercase"] = true;
  return json;
}

Tokenizer Tokenizer::from_json(const Json& json) {
  const TokenizerKind kind = kind_from_json(json);
  const bool lowercase = lowercase_from_json(json);
  if (kind == TokenizerKind::subword) return Tokenizer(subwords_from_json(json), tokens_from_json(json, kind));
  return Tokenizer(kind, Vocabulary(tokens_from_json(json, kind)), lowercase);
}

std::vector<int> Tokenizer::encode_prompt(std::string_view text) const {
  TokenScanner scanner = this->scanner(text, "prompt");
  std::vector<int> ids;
  for (int id = next(scanner); id != kEndOfText; id = next(scanner)) {
    if (id == kUnseen) fail("prompt: the model never saw the {}; leave it out", described(kind_, scanner));
    ids.push_back(id);
  }
  return ids;
}

std::string Tokenizer::decode(int id) const {
  const std::string& token = vocabulary_.token(id);
  if (!has_words(kind_)) return token;
  return token == kEndOfLineToken ? "\n" : token + " ";
}

}  // namespace recur
