// Tags that mark chunks (phrases, names), such as B-PER I-PER O: what they mark, as conlleval of the CoNLL shared tasks
// reads them (Tjong Kim Sang & Buchholz 2000), and the schemes that they are written in.
//
// A tag is a prefix, '-' and a type, which begins after the first '-'. Prefixes are B I O E S, M, which is an I, and
// the brackets [ and ]; every scheme is understood, IOE too, and so are tags that follow none: a chunk begins where the
// type changes, whatever the prefix.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/types/recipe.h"

namespace recur {

struct ChunkTag {
  std::string_view prefix = "O", type;

  explicit ChunkTag(std::string_view text);
  bool is_any_of(std::string_view prefixes) const {
    return prefix.size() == 1 && prefixes.find(prefix[0]) != std::string_view::npos;
  }
  bool is_inside() const { return prefix != "O" && prefix != "."; }
};

// Whether a chunk ends with `before`, or one begins with `here`, its next tag. Before a sentence, and after it, is O. A
// bracket is a chunk of its own.
bool ends_between(const ChunkTag& before, const ChunkTag& here);
bool begins_between(const ChunkTag& before, const ChunkTag& here);

// Whether a tag is O, or has one of the prefixes B, I, E, S and M, with a type or without.
bool is_chunk_tag(std::string_view tag);
// Whether tags mark chunks: each is O or has such a prefix and a type, and not all are O; or they are B, E and perhaps
// M and S alone, as where words are told from characters.
bool are_chunk_tags(std::span<const std::string> tags);

// The same chunks of one sentence, marked in another scheme. Each is_chunk_tag().
std::vector<std::string> in_scheme(std::span<const std::string> tags, TagScheme scheme);

// Whether a tag may come after another in a scheme that is not as_they_are.
bool may_follow(TagScheme scheme, const ChunkTag& before, const ChunkTag& here);

// Finds the scheme that the tags of sentences are in.
class SchemeFinder {
 public:
  // One sentence.
  void add(std::span<const std::string> tags);
  // `all`: every different tag. bmes or bioes where one has a prefix that only these have; else iob1 where more chunks
  // begin as only that allows than as only bio does. as_they_are where they mark no chunks.
  TagScheme scheme(std::span<const std::string> all) const;

 private:
  std::size_t only_iob1_ = 0, only_bio_ = 0;  // beginnings of chunks
};

}  // namespace recur
