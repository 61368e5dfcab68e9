// Several decoders as one, an ensemble: each token has the mean of the probabilities that they give it.
#pragma once

#include <memory>
#include <vector>

#include "nn/beam_decoder.h"

namespace recur {

class JointDecoder : public BeamDecoder {
 public:
  // At least one, of the same tokens, for the same sources.
  explicit JointDecoder(std::vector<std::unique_ptr<BeamDecoder>> members) : members_(std::move(members)) {}

  // What is looked at is the mean over those that look. Throws Error where these see other positions of a source.
  Step step(std::span<const int> tokens, std::span<const std::size_t> from) override;

 private:
  void mix(std::span<const Step> steps, std::size_t rows);
  void mix_attention(std::span<const Step> steps, std::size_t rows, Step& result);

  std::vector<std::unique_ptr<BeamDecoder>> members_;
  std::vector<float> mixed_;                   // [rows, columns]
  std::vector<std::vector<float>> attention_;  // of each row
};

}  // namespace recur
