#include "data/tokenizer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"

namespace recur {
namespace {

using Json = nlohmann::json;

constexpr std::array kKinds = {std::pair{TokenizerKind::byte, std::string_view("byte")},
                               std::pair{TokenizerKind::character, std::string_view("char")},
                               std::pair{TokenizerKind::word, std::string_view("word")}};

struct Word {
  std::string text;
  std::uint64_t count = 0;
};

// The words of the file in the order of their first appearance.
std::vector<Word> count_words(TokenScanner& scanner) {
  std::unordered_map<std::string, std::size_t, TokenHash, std::equal_to<>> places;
  std::vector<Word> words;
  while (scanner.next()) {
    auto place = places.find(scanner.piece());
    if (place == places.end()) {
      place = places.emplace(scanner.piece(), words.size()).first;
      words.push_back({place->first});
    }
    ++words[place->second].count;
  }
  return words;
}

Word take_out(std::vector<Word>& words, std::string_view text) {
  Word taken{std::string(text)};
  const auto place = std::ranges::find(words, text, &Word::text);
  if (place != words.end()) {
    taken.count = place->count;
    words.erase(place);
  }
  return taken;
}

std::vector<std::string> choose_words(std::vector<Word> words, const TokenizerOptions& options) {
  Word end_of_line = take_out(words, kEndOfLineToken);
  Word unknown = take_out(words, kUnknownToken);
  std::ranges::stable_sort(words, std::ranges::greater{}, &Word::count);
  const auto first_rare = std::ranges::find_if(words, [&](const Word& w) { return w.count < options.min_count; });
  auto kept = static_cast<std::size_t>(first_rare - words.begin());
  bool has_unknown = unknown.count > 0 || kept < words.size();
  const std::size_t size = kept + 1 + (has_unknown ? 1 : 0);
  if (options.max_vocab > 0 && size > options.max_vocab) {
    kept = options.max_vocab - 2;
    has_unknown = true;
  }
  for (std::size_t i = kept; i < words.size(); ++i) unknown.count += words[i].count;
  words.resize(kept);
  words.push_back(std::move(end_of_line));
  if (has_unknown) words.push_back(std::move(unknown));
  std::ranges::stable_sort(words, std::ranges::greater{}, &Word::count);

  std::vector<std::string> tokens;
  tokens.reserve(words.size());
  for (Word& word : words) tokens.push_back(std::move(word.text));
  return tokens;
}

// The distinct bytes or code points of the file, in order.
std::vector<std::string> distinct_codes(TokenScanner& scanner) {
  constexpr std::size_t kCodePoints = 0x110000;
  std::vector<bool> occurs(kCodePoints);
  std::vector<std::pair<std::uint32_t, std::string>> found;
  while (scanner.next()) {
    if (occurs[scanner.code()]) continue;
    occurs[scanner.code()] = true;
    found.emplace_back(scanner.code(), scanner.piece());
  }
  std::ranges::sort(found);
  std::vector<std::string> tokens;
  tokens.reserve(found.size());
  for (auto& [code, text] : found) tokens.push_back(std::move(text));
  return tokens;
}

void check_options(TokenizerKind kind, const TokenizerOptions& options) {
  if (kind != TokenizerKind::word && (options.min_count > 0 || options.max_vocab > 0)) {
    fail("--min-count and --max-vocab are for --tokenizer word, not {}; leave them out", to_string(kind));
  }
  if (options.max_vocab > 0 && options.max_vocab < 3) {
    fail("--max-vocab: expected 0 (no limit) or at least 3 (<eos>, <unk> and one word), got {}", options.max_vocab);
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
    case TokenizerKind::word:
      break;
  }
  return fmt::format("word {}", quote(scanner.piece()));
}

}  // namespace

std::string_view to_string(TokenizerKind kind) {
  return std::ranges::find(kKinds, kind, &decltype(kKinds)::value_type::first)->second;
}

TokenizerKind tokenizer_kind(std::string_view text) {
  for (const auto& [kind, name] : kKinds) {
    if (text == name) return kind;
  }
  fail("tokenizer: expected byte, char or word, got {}", quote(text));
}

Tokenizer::Tokenizer(TokenizerKind kind, Vocabulary vocabulary) : kind_(kind), vocabulary_(std::move(vocabulary)) {
  for (int id = 0; id < vocabulary_.size(); ++id) {
    // A token of the right kind is what the scanner makes a single piece of.
    const std::string& token = vocabulary_.token(id);
    TokenScanner scanner(token, kind_, fmt::format("tokenizer: token {} {}", id, quote(token)));
    if (!scanner.next() || scanner.piece() != token) {
      fail("tokenizer: token {}: expected one {}, got {}", id, to_string(kind_), quote(token));
    }
    if (kind_ == TokenizerKind::word) continue;
    if (scanner.code() >= code_ids_.size()) code_ids_.resize(scanner.code() + 1, kUnseen);
    code_ids_[scanner.code()] = id;
  }
  if (kind_ != TokenizerKind::word) return;
  if (!vocabulary_.id(kEndOfLineToken)) fail("tokenizer: a vocabulary of words must hold {}", kEndOfLineToken);
  missing_ = vocabulary_.unknown().value_or(kUnseen);
}

Tokenizer Tokenizer::build(const InputFile& file, TokenizerKind kind, const TokenizerOptions& options) {
  check_options(kind, options);
  TokenScanner scanner(file, kind);
  if (!scanner.next()) fail("{} is empty; a language model needs text", file.name());
  scanner.seek({});
  std::vector<std::string> tokens =
      kind == TokenizerKind::word ? choose_words(count_words(scanner), options) : distinct_codes(scanner);
  return Tokenizer(kind, Vocabulary(std::move(tokens)));
}

Json Tokenizer::to_json() const {
  Json tokens = Json::array();
  for (const std::string& token : vocabulary_.tokens()) {
    if (kind_ == TokenizerKind::byte) {
      tokens.push_back(static_cast<unsigned char>(token.front()));
    } else {
      tokens.push_back(token);
    }
  }
  return {{"kind", to_string(kind_)}, {"tokens", std::move(tokens)}};
}

Tokenizer Tokenizer::from_json(const Json& json) {
  const auto kind = json.is_object() ? json.find("kind") : json.end();
  if (kind == json.end() || !kind->is_string()) fail("tokenizer: expected an object with a string \"kind\"");
  const TokenizerKind which = tokenizer_kind(kind->get_ref<const std::string&>());
  const auto list = json.find("tokens");
  if (list == json.end() || !list->is_array()) fail("tokenizer: expected an array \"tokens\"");
  std::vector<std::string> tokens;
  tokens.reserve(list->size());
  for (const Json& token : *list) tokens.push_back(token_from_json(which, token, tokens.size()));
  return Tokenizer(which, Vocabulary(std::move(tokens)));
}

std::vector<int> Tokenizer::encode_prompt(std::string_view text) const {
  TokenScanner scanner(text, kind_, "prompt");
  std::vector<int> ids;
  for (int id = next(scanner); id != kEndOfText; id = next(scanner)) {
    if (id == kUnseen) fail("prompt: the model never saw the {}; leave it out", described(kind_, scanner));
    ids.push_back(id);
  }
  return ids;
}

std::string Tokenizer::decode(int id) const {
  const std::string& token = vocabulary_.token(id);
  if (kind_ != TokenizerKind::word) return token;
  return token == kEndOfLineToken ? "\n" : token + " ";
}

}  // namespace recur
