// Streams that bring room for their logits.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "infer/token_stream.h"
#include "recur/stream.h"

namespace recur {

// The logits after a token.
inline std::vector<float> step(Stream& stream, int token) {
  std::vector<float> logits(stream.vocabulary());
  stream.step(token, logits);
  return logits;
}

// Those after each of some tokens, one after the other.
inline std::vector<float> run(Stream& stream, std::span<const int> tokens) {
  std::vector<float> all(tokens.size() * stream.vocabulary());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    stream.step(tokens[i], std::span(all).subspan(i * stream.vocabulary(), stream.vocabulary()));
  }
  return all;
}

// A network of tokens that runs step by step; it must outlive this.
class NetworkStream {
 public:
  explicit NetworkStream(const Network& network, std::span<const float> beside = {})
      : stream_(std::make_shared<TokenStepper>(token_network(network)), {}, beside),
        logits_(stream_.stepper().vocabulary()) {}

  std::span<const float> step(int token) {
    stream_.step(token, logits_);
    return logits_;
  }
  StackState& state() { return stream_.state(); }

 private:
  TokenStream stream_;
  std::vector<float> logits_;
};

}  // namespace recur
