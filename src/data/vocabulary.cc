#include "data/vocabulary.h"

#include <cassert>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/show.h"

namespace recur {

Vocabulary::Vocabulary(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  if (tokens_.empty()) fail("vocabulary: expected at least one token, got none");
  if (tokens_.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    fail("vocabulary: expected at most {} tokens, got {}", std::numeric_limits<int>::max(), tokens_.size());
  }
  ids_.reserve(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].empty()) fail("vocabulary: token {} is empty", i);
    const auto [place, is_new] = ids_.emplace(tokens_[i], static_cast<int>(i));
    if (!is_new) fail("vocabulary: token {} stands twice, at {} and {}", quote(tokens_[i]), place->second, i);
  }
  unknown_ = id(kUnknownToken);
}

const std::string& Vocabulary::token(int id) const {
  assert(id >= 0 && id < size());
  return tokens_[static_cast<std::size_t>(id)];
}

std::optional<int> Vocabulary::id(std::string_view token) const {
  const auto place = ids_.find(token);
  return place == ids_.end() ? std::nullopt : std::optional(place->second);
}

}  // namespace recur
