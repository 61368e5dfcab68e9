// A vocabulary: the distinct tokens of a model in order; a token's place is its id.
//
// A token is a string of bytes: a word or one character in UTF-8, or one raw byte. Two words have a meaning of their
// own: <eos> ends a line, <unk> stands for every word that is not in the vocabulary.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace recur {

inline constexpr std::string_view kEndOfLineToken = "<eos>";
inline constexpr std::string_view kUnknownToken = "<unk>";

// Hash of a string and of a view alike, so that a map with std::string keys is searched without making a string.
struct TokenHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view token) const noexcept { return std::hash<std::string_view>{}(token); }
};

class Vocabulary {
 public:
  // Throws Error if there is no token, or an empty one, or one that stands twice.
  explicit Vocabulary(std::vector<std::string> tokens);

  int size() const { return static_cast<int>(tokens_.size()); }
  // `id` is in [0, size()).
  const std::string& token(int id) const;
  const std::vector<std::string>& tokens() const { return tokens_; }
  std::optional<int> id(std::string_view token) const;
  // The id of <unk>, if the vocabulary has it.
  std::optional<int> unknown() const { return unknown_; }

 private:
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int, TokenHash, std::equal_to<>> ids_;
  std::optional<int> unknown_;
};

}  // namespace recur
