#include "nn/heads/output_text.h"

#include <algorithm>

namespace recur {

std::string OutputPieces::piece(int id) const {
  return is_other(id) ? others[static_cast<std::size_t>(id - codec.size())] : codec.piece(id);
}

std::string OutputPieces::decode(std::span<const int> ids) const {
  if (std::ranges::none_of(ids, [this](int id) { return is_other(id); })) return codec.decode(ids);
  std::string text;
  std::optional<int> before;
  for (const int id : ids) {
    if (!is_other(id)) {
      text += codec.added(before, id);
    } else if (codec.kind() == TokenizerKind::subword) {
      const std::string other = piece(id);
      text += !before && other.starts_with(' ') ? other.substr(1) : other;
    } else {
      if (before) text += codec.separator();
      text += piece(id);
    }
    before = is_other(id) ? codec.unknown() : id;
  }
  return text;
}

std::string output_text(const Hypothesis& hypothesis, const OutputPieces& pieces, std::span<const std::string> source) {
  const TextCodec& codec = pieces.codec;
  const bool copies = !source.empty() && !hypothesis.most_seen.empty() && codec.kind() != TokenizerKind::subword;
  if (!copies) return pieces.decode(hypothesis.tokens);
  std::string text;
  for (std::size_t i = 0; i < hypothesis.tokens.size(); ++i) {
    if (i > 0) text += codec.separator();
    const int token = hypothesis.tokens[i];
    const std::size_t most = hypothesis.most_seen[i];
    text += token == codec.unknown() && most < source.size() ? source[most] : pieces.decode({&token, 1});
  }
  return text;
}

Alignment alignment_of(const Hypothesis& hypothesis, const OutputPieces& pieces, std::vector<std::string> source,
                       bool reversed) {
  Alignment alignment;
  if (reversed) std::ranges::reverse(source);
  for (const int token : hypothesis.tokens) alignment.target.push_back(pieces.piece(token));
  if (hypothesis.attention.size() > hypothesis.tokens.size())
    alignment.target.push_back(pieces.piece(pieces.codec.end()));
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
