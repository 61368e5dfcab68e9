#include "nn/joint_decoder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/threads.h"

namespace recur {
namespace {

// log((e^x1 + .. + e^xn) / n), to the bit x where all are.
float log_mean(std::span<const BeamDecoder::Step> steps, std::size_t row, std::size_t column) {
  const auto of = [&](const BeamDecoder::Step& step) {
    return static_cast<double>(step.log_probabilities.data[row * step.log_probabilities.stride + column]);
  };
  double largest = of(steps.front());
  for (const BeamDecoder::Step& step : steps) largest = std::max(largest, of(step));
  double sum = 0;
  for (const BeamDecoder::Step& step : steps) sum += std::exp(of(step) - largest);
  return static_cast<float>(largest + std::log(sum / static_cast<double>(steps.size())));
}

}  // namespace

BeamDecoder::Step JointDecoder::step(std::span<const int> tokens, std::span<const std::size_t> from) {
  if (members_.size() == 1) return members_.front()->step(tokens, from);
  std::vector<Step> steps;
  for (const auto& member : members_) steps.push_back(member->step(tokens, from));
  for (const Step& step : steps) {
    for (std::size_t row = 0; row < tokens.size(); ++row) step.of(row);  // they are finite
  }
  mix(steps, tokens.size());
  const std::size_t columns = steps.front().log_probabilities.columns;
  Step result{{mixed_.data(), tokens.size(), columns, columns}, steps.front().tokens, {}};
  mix_attention(steps, tokens.size(), result);
  return result;
}

void JointDecoder::mix(std::span<const Step> steps, std::size_t rows) {
  const std::size_t columns = steps.front().log_probabilities.columns;
  mixed_.resize(rows * columns);
  parallel_for(rows, [&](std::size_t row) {
    const std::size_t count = steps.front().tokens.empty() ? columns : steps.front().tokens[row];
    for (std::size_t column = 0; column < count; ++column) {
      mixed_[row * columns + column] = log_mean(steps, row, column);
    }
  });
}

void JointDecoder::mix_attention(std::span<const Step> steps, std::size_t rows, Step& result) {
  std::vector<const Step*> looking;
  for (const Step& step : steps) {
    if (!step.attention.empty()) looking.push_back(&step);
  }
  if (looking.empty()) return;
  attention_.assign(rows, {});
  for (std::size_t row = 0; row < rows; ++row) {
    attention_[row].resize(looking.front()->attention[row].size());
    for (const Step* step : looking) {
      const std::span<const float> seen = step->attention[row];
      if (seen.size() != attention_[row].size()) {
        fail("models that look at a source together: one sees {} positions of it, another {}; expected as many",
             attention_[row].size(), seen.size());
      }
      for (std::size_t j = 0; j < seen.size(); ++j) {
        attention_[row][j] += seen[j] / static_cast<float>(looking.size());
      }
    }
  }
  result.attention.assign(attention_.begin(), attention_.end());
}

}  // namespace recur
