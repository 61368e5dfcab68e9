// Streams that bring room for their logits.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "infer/network_stream.h"
#include "recur/stream.h"

namespace recur {

// The logits after a token.
inline std::vector<float> step(Stream& stream, int token) {
  std::vector<float> logits(stream.outputs());
  stream.step(token, logits);
  return logits;
}

// Those after each of some tokens, one after the other.
inline std::vector<float> run(Stream& stream, std::span<const int> tokens) {
  std::vector<float> all(tokens.size() * stream.outputs());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    stream.step(tokens[i], std::span(all).subspan(i * stream.outputs(), stream.outputs()));
  }
  return all;
}

// A network of tokens that runs step by step; it must outlive this.
class LogitStream {
 public:
  explicit LogitStream(const Network& network, std::span<const float> beside = {})
      : stream_(std::make_shared<NetworkStepper>(step_network(network)), {}, beside),
        logits_(stream_.stepper().outputs()) {}

  std::span<const float> step(int token) {
    stream_.step(token, logits_);
    return logits_;
  }
  StackState& state() { return stream_.state(); }

 private:
  NetworkStream stream_;
  std::vector<float> logits_;
};

}  // namespace recur
