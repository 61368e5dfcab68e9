// A language network as one who writes: what it reads of a prompt, what it may write, and what its tokens are as text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/text_field.h"
#include "data/tokenizer.h"
#include "infer/network_stream.h"
#include "infer/token_choice.h"
#include "recur/types/generation.h"

namespace recur {

class Author {
 public:
  // The network, whose stepper this is, must outlive it. Throws Error naming the flag of an option that makes no sense,
  // and --condition, with a list of the labels, for one that is none of the network's.
  Author(const Network& network, std::shared_ptr<const NetworkStepper> stepper, std::string_view label,
         const Generation& options);
  Author(const Author&) = delete;
  Author& operator=(const Author&) = delete;

  // A prompt as it is shown before what comes after it, and its tokens, at least one: where it is empty, what stands
  // before a text. Throws Error when it holds what the network has never seen.
  struct Beginning {
    std::string shown;
    std::vector<int> tokens;
  };
  Beginning beginning(std::string_view prompt) const;
  // The tokens of what stands in the middle of an endless text; there may be none.
  std::vector<int> read(std::string_view text) const { return endless_->encode_prompt(text); }
  // One that has read nothing.
  NetworkStream stream() const;
  TokenChoice choice(std::uint64_t seed) { return {options_, seed, tokens_, *sampler_}; }

  const Generation& options() const { return options_; }
  // Texts have ends, and beginnings.
  bool writes_lines() const { return endless_ == nullptr; }
  // The token that ends a text, if anything does.
  std::optional<int> end() const;
  // What a token adds after the one before it.
  std::string text_of(int before, int token) const;

 private:
  std::optional<int> id(const std::string& spelling) const;

  const Network& network_;
  std::shared_ptr<const NetworkStepper> stepper_;
  const Generation options_;
  const Tokenizer* endless_ = nullptr;  // of one text,
  const TextCodec* codec_ = nullptr;    // or of lines
  std::optional<int> label_;
  WritableTokens tokens_;
  std::optional<Sampler> sampler_;
};

// The text of a language model of lines; null for another network.
const TextField* line_field(const Network& network);

// Throws Error for one that is no language model.
void check_writes(const Network& network);

}  // namespace recur
