#include "nn/heads/copy_finder.h"

namespace recur {

CopyFinder::CopyFinder(TextField& source, TextField& target) : source_(source), target_(target) {
  source.keep_keys();
  target.keep_keys();
  const TextCodec& codec = target.codec();
  for (int token = 0; token < codec.size(); ++token) {
    const bool special = token == codec.unknown() || token == codec.begin() || token == codec.end();
    if (!special) token_of_.emplace(key_of(codec.spelling(token)), token);
  }
}

CopyTargets CopyFinder::targets(const Batch& batch, const FieldBatch& source, const FieldBatch& target,
                                const Alignments& looked) const {
  const int unknown = *target_.codec().unknown();
  CopyTargets found;
  for (std::size_t t = 0, row = 0; t < target.steps.length(); ++t) {
    for (std::size_t r = 0; r < target.steps.rows(t); ++r, ++row) {
      const std::size_t record = batch.records[target.of[r]];
      const std::uint64_t wanted = target.column->keys[record][t + 1];  // its first is the mark that it begins after
      const std::span<const std::uint64_t> keys = source.column->keys[record];
      for (std::size_t j = 0; j < keys.size(); ++j) {
        if (keys[j] == wanted) found.places.push_back(looked.begin[row] + j);
      }
      found.known.push_back(target.targets[row] != unknown || found.places.size() == found.begin.back());
      found.begin.push_back(found.places.size());
    }
  }
  return found;
}

CopyFinder::Sources CopyFinder::sources(const Batch& batch, const FieldBatch& source) const {
  const int vocabulary = target_.codec().size();
  Sources found;
  found.tokens.unknown = *target_.codec().unknown();
  for (const std::size_t record : batch.records) {
    const std::span<const std::uint64_t> keys = source.column->keys[record];
    const std::vector<std::string> spellings = source_.spellings(*source.column, record);
    std::unordered_map<std::uint64_t, int> others;
    std::vector<int>& tokens = found.tokens.tokens.emplace_back();
    std::vector<std::string>& spelled = found.others.emplace_back();
    for (std::size_t j = 0; j < keys.size(); ++j) {
      if (const auto known = token_of_.find(keys[j]); known != token_of_.end()) {
        tokens.push_back(known->second);
        continue;
      }
      const auto [other, is_new] = others.emplace(keys[j], vocabulary + static_cast<int>(others.size()));
      if (is_new) spelled.push_back(spellings[j]);
      tokens.push_back(other->second);
    }
    found.tokens.others.push_back(spelled.size());
  }
  return found;
}

}  // namespace recur
