#include "nn/heads/output_text.h"

#include <algorithm>

namespace recur {

std::string output_text(const Hypothesis& hypothesis, const TextCodec& codec, std::span<const std::string> source) {
  const bool copies = !source.empty() && !hypothesis.most_seen.empty() && codec.kind() != TokenizerKind::subword;
  if (!copies) return codec.decode(hypothesis.tokens);
  std::string text;
  for (std::size_t i = 0; i < hypothesis.tokens.size(); ++i) {
    if (i > 0) text += codec.separator();
    const int token = hypothesis.tokens[i];
    const std::size_t most = hypothesis.most_seen[i];
    text += token == codec.unknown() && most < source.size() ? source[most] : codec.decode({&token, 1});
  }
  return text;
}

Alignment alignment_of(const Hypothesis& hypothesis, const TextCodec& codec, std::vector<std::string> source,
                       bool reversed) {
  Alignment alignment;
  if (reversed) std::ranges::reverse(source);
  for (const int token : hypothesis.tokens) alignment.target.push_back(codec.piece(token));
  if (hypothesis.attention.size() > hypothesis.tokens.size()) alignment.target.push_back(codec.piece(codec.end()));
  for (const std::vector<float>& row : hypothesis.attention) {
    source.resize(row.size());  // of a source that was cut, what was read
    if (reversed) {
      alignment.weights.insert(alignment.weights.end(), row.rbegin(), row.rend());
    } else {
      alignment.weights.insert(alignment.weights.end(), row.begin(), row.end());
    }
  }
  alignment.source = std::move(source);
  return alignment;
}

}  // namespace recur
