#include "infer/text_guide.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "data/line_reader.h"
#include "data/white_space.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

// Of UTF-8: the bytes of the code point at `place`.
std::size_t bytes_of_code_point(std::string_view text, std::size_t place) {
  std::size_t end = place + 1;
  while (end < text.size() && !begins_character(text[end])) ++end;
  return end - place;
}

}  // namespace

std::vector<std::string> read_lexicon(const std::string& path) {
  const InputFile file(path);
  LineReader lines(file);
  std::vector<std::string> words;
  while (lines.next()) {
    std::vector<std::string> line = cut_at_blanks(lines.line());
    if (!line.empty()) words.push_back(std::move(line.front()));
  }
  if (words.empty()) fail("{}: no words; expected a word at the beginning of each line", path);
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

TextGuide::TextGuide(const TextCodec& codec, Options options) : options_(std::move(options)) {
  for (int token = 0; token < codec.size(); ++token) {
    first_.push_back(codec.added({}, token));
    later_.push_back(codec.added(token, token));
  }
  if (options_.tokenizer == nullptr) return;
  const TokenizerKind kind = options_.tokenizer->kind();
  if (kind != TokenizerKind::character && kind != TokenizerKind::word) {
    fail("--lm: expected a language model of characters or words, this one is of {}s", to_string(kind));
  }
  Reading reading{NetworkStream(options_.stepper), std::vector<float>(options_.stepper->vocabulary())};
  std::ranges::fill(reading.log_p, -std::log(static_cast<float>(reading.log_p.size())));
  const int line_end = id(reads_words() ? std::string(kEndOfLineToken) : "\n");
  start_ = read(reading, line_end);
}

std::size_t TextGuide::begin() {
  texts_.assign(1, {start_, "", true});
  return 0;
}

std::optional<double> TextGuide::score(std::size_t text, int token) {
  const Change made = change(texts_[text], token);
  if (!made.allowed) return {};
  return made.bonus + log_p(texts_[text].reading.get(), made.read);
}

std::size_t TextGuide::append(std::size_t text, int token) {
  const Change made = change(texts_[text], token);
  Text longer{texts_[text].reading, made.word, false};
  for (const int read_token : made.read) longer.reading = read(*longer.reading, read_token);
  texts_.push_back(std::move(longer));
  return texts_.size() - 1;
}

std::optional<double> TextGuide::end(std::size_t text) {
  Change made;
  made.word = texts_[text].word;
  finish_word(made);
  if (!made.allowed) return {};
  if (options_.tokenizer != nullptr) made.read.push_back(id(reads_words() ? std::string(kEndOfLineToken) : "\n"));
  return made.bonus + log_p(texts_[text].reading.get(), made.read);
}

TextGuide::Change TextGuide::change(const Text& text, int token) const {
  const std::string& piece = (text.empty ? first_ : later_)[static_cast<std::size_t>(token)];
  Change made;
  made.word = text.word;
  for (std::size_t i = 0; i < piece.size();) {
    const std::string code_point = piece.substr(i, bytes_of_code_point(piece, i));
    i += code_point.size();
    if (is_blank(static_cast<unsigned char>(code_point.front()))) {
      finish_word(made);
    } else {
      made.word += code_point;
    }
    if (options_.tokenizer != nullptr && !reads_words()) made.read.push_back(id(code_point));
  }
  made.allowed = made.allowed && begins_word(made.word);
  return made;
}

void TextGuide::finish_word(Change& made) const {
  if (made.word.empty()) return;
  if (!options_.lexicon.empty()) {
    made.allowed = made.allowed && std::ranges::binary_search(options_.lexicon, made.word);
  }
  if (reads_words()) made.read.push_back(id(made.word));
  made.bonus += options_.bonus;
  made.word.clear();
}

bool TextGuide::begins_word(const std::string& beginning) const {
  if (options_.lexicon.empty()) return true;
  const auto place = std::ranges::lower_bound(options_.lexicon, beginning);
  return place != options_.lexicon.end() && place->starts_with(beginning);
}

int TextGuide::id(const std::string& piece) const {
  const Vocabulary& vocabulary = options_.tokenizer->vocabulary();
  const std::optional<int> known = vocabulary.id(piece);
  return known ? *known : vocabulary.unknown().value_or(kUnread);
}

std::shared_ptr<const TextGuide::Reading> TextGuide::read(const Reading& from, int token) const {
  auto reading = std::make_shared<Reading>(from);
  if (token == kUnread) return reading;
  reading->stream.step(token, reading->log_p);
  log_softmax(reading->log_p);
  return reading;
}

double TextGuide::log_p(const Reading& reading, int token) const {
  return token == kUnread ? -std::log(static_cast<double>(reading.log_p.size()))
                          : static_cast<double>(reading.log_p[static_cast<std::size_t>(token)]);
}

double TextGuide::log_p(const Reading* reading, const std::vector<int>& tokens) const {
  double sum = 0;
  std::shared_ptr<const Reading> next;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    sum += log_p(*reading, tokens[i]);
    if (i + 1 == tokens.size()) break;
    next = read(*reading, tokens[i]);
    reading = next.get();
  }
  return options_.weight * sum;
}

}  // namespace recur
