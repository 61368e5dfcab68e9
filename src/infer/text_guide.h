// What guides the search for a text (nn/text_search.h): a language model of characters or words, a lexicon, a bonus for
// each word. Words are what blanks separate, whatever the tokens of the text are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/text_codec.h"
#include "data/tokenizer.h"
#include "infer/network_stream.h"
#include "nn/text_search.h"

namespace recur {

// The words that lines begin with, each once, in order. Throws Error naming the file if it cannot be read or has none.
std::vector<std::string> read_lexicon(const std::string& path);

class TextGuide : public TextScorer {
 public:
  struct Options {
    // The language model; nothing for none. A text begins after the end of a line and ends before one. A word or
    // character that it does not know, and has no <unk> for, is as probable as if all were equally so.
    std::shared_ptr<const NetworkStepper> stepper = {};
    const Tokenizer* tokenizer = nullptr;
    double weight = 0, bonus = 0;
    std::vector<std::string> lexicon = {};  // sorted; only these words may be written; empty: any
  };
  // The codec and the tokenizer must outlive it. Throws Error for a tokenizer of another kind than char and word.
  TextGuide(const TextCodec& codec, Options options);

  std::size_t begin() override;
  std::optional<double> score(std::size_t text, int token) override;
  std::size_t append(std::size_t text, int token) override;
  std::optional<double> end(std::size_t text) override;

 private:
  // What the language model has read, and what it says of the next token.
  struct Reading {
    NetworkStream stream;
    std::vector<float> log_p;
  };
  struct Text {
    std::shared_ptr<const Reading> reading;  // null without a language model
    std::string word;                        // that has begun
    bool empty = true;
  };
  // What one more token does to a text.
  struct Change {
    std::vector<int> read;  // by the language model; kUnread for what it does not know
    std::string word;       // that has then begun
    double bonus = 0;
    bool allowed = true;
  };
  static constexpr int kUnread = -1;

  Change change(const Text& text, int token) const;
  void finish_word(Change& change) const;
  bool begins_word(const std::string& beginning) const;
  int id(const std::string& piece) const;
  bool reads_words() const { return options_.tokenizer != nullptr && has_words(options_.tokenizer->kind()); }
  std::shared_ptr<const Reading> read(const Reading& from, int token) const;
  double log_p(const Reading& reading, int token) const;
  // The weighted log probability of all that is read, one after the other.
  double log_p(const Reading* reading, const std::vector<int>& tokens) const;

  Options options_;
  std::vector<std::string> first_, later_;  // what a token adds to an empty text and to another
  std::shared_ptr<const Reading> start_;
  std::vector<Text> texts_;
};

}  // namespace recur
