#include "data/chunk_tags.h"

#include <algorithm>

namespace recur {
namespace {

constexpr std::string_view kPrefixes = "BIESM";

bool has_type(std::string_view tag) { return tag.size() >= 2 && tag[1] == '-'; }
// O has none.
bool has_chunk_prefix(std::string_view tag) {
  return !tag.empty() && kPrefixes.find(tag[0]) != std::string_view::npos && (tag.size() == 1 || tag[1] == '-');
}

// Steps of a sentence.
struct Chunk {
  std::size_t first, last;
  std::string_view type;
};

std::vector<Chunk> chunks_of(std::span<const std::string> tags) {
  std::vector<Chunk> chunks;
  bool open = false;
  ChunkTag before("O");
  for (std::size_t t = 0; t < tags.size(); ++t) {
    const ChunkTag here(tags[t]);
    if (ends_between(before, here)) open = false;
    if (begins_between(before, here)) {
      chunks.push_back({t, t, here.type});
      open = true;
    }
    if (open) chunks.back().last = t;
    before = here;
  }
  return chunks;
}

// The prefix of step t of a chunk. `touches`: another of its type ends right before it.
char prefix_of(TagScheme scheme, const Chunk& chunk, std::size_t t, bool touches) {
  const bool first = t == chunk.first, last = t == chunk.last;
  if (scheme == TagScheme::iob1) return first && touches ? 'B' : 'I';
  if (scheme == TagScheme::bio) return first ? 'B' : 'I';
  if (first) return last ? 'S' : 'B';
  if (last) return 'E';
  return scheme == TagScheme::bmes ? 'M' : 'I';
}

}  // namespace

ChunkTag::ChunkTag(std::string_view text) : prefix(text.substr(0, text.find('-'))) {
  if (prefix.size() < text.size()) type = text.substr(prefix.size() + 1);
  if (prefix == "M") prefix = "I";
}

bool ends_between(const ChunkTag& before, const ChunkTag& here) {
  return (before.is_any_of("BI") && here.is_any_of("BSO")) || (before.is_any_of("ES") && here.is_any_of("BSOEI")) ||
         (before.is_inside() && before.type != here.type) || before.is_any_of("[]");
}

bool begins_between(const ChunkTag& before, const ChunkTag& here) {
  return (before.is_any_of("BIOES") && here.is_any_of("BS")) || (before.is_any_of("OES") && here.is_any_of("IE")) ||
         (here.is_inside() && before.type != here.type) || here.is_any_of("[]");
}

bool is_chunk_tag(std::string_view tag) { return tag == "O" || has_chunk_prefix(tag); }

bool are_chunk_tags(std::span<const std::string> tags) {
  const auto has = [&](std::string_view tag) { return std::ranges::find(tags, tag) != tags.end(); };
  const auto is_letter = [](std::string_view tag) { return tag == "B" || tag == "M" || tag == "E" || tag == "S"; };
  if (has("B") && has("E") && std::ranges::all_of(tags, is_letter)) return true;
  const auto is_typed = [](std::string_view tag) { return has_chunk_prefix(tag) && has_type(tag); };
  return std::ranges::any_of(tags, is_typed) &&
         std::ranges::all_of(tags, [&](std::string_view tag) { return tag == "O" || is_typed(tag); });
}

std::vector<std::string> in_scheme(std::span<const std::string> tags, TagScheme scheme) {
  std::vector<std::string> result(tags.size(), "O");
  const Chunk* before = nullptr;
  const std::vector<Chunk> chunks = chunks_of(tags);
  for (const Chunk& chunk : chunks) {
    const bool touches = before != nullptr && before->last + 1 == chunk.first && before->type == chunk.type;
    for (std::size_t t = chunk.first; t <= chunk.last; ++t) {
      result[t] = prefix_of(scheme, chunk, t, touches);
      if (!chunk.type.empty()) result[t] += "-" + std::string(chunk.type);
    }
    before = &chunk;
  }
  return result;
}

bool may_follow(TagScheme scheme, const ChunkTag& before, const ChunkTag& here) {
  const bool same = before.is_inside() && before.type == here.type;
  if (scheme == TagScheme::iob1) return !here.is_any_of("B") || same;
  if (scheme == TagScheme::bio) return !here.is_any_of("I") || same;
  if (before.is_any_of("BI")) return here.is_any_of("IE") && same;
  return !here.is_any_of("IE");
}

void SchemeFinder::add(std::span<const std::string> tags) {
  ChunkTag before("O");
  for (const std::string& tag : tags) {
    const ChunkTag here(tag);
    const bool known = !tag.empty() && !before.prefix.empty();  // a tag that is missing says nothing
    if (known && begins_between(before, here)) {
      only_iob1_ += may_follow(TagScheme::bio, before, here) ? 0 : 1;
      only_bio_ += may_follow(TagScheme::iob1, before, here) ? 0 : 1;
    }
    before = here;
  }
}

TagScheme SchemeFinder::scheme(std::span<const std::string> all) const {
  if (!are_chunk_tags(all)) return TagScheme::as_they_are;
  const auto has = [&](std::string_view prefixes) {
    return std::ranges::any_of(
        all, [&](const std::string& tag) { return tag != "O" && prefixes.find(tag[0]) != std::string_view::npos; });
  };
  if (has("M")) return TagScheme::bmes;
  if (has("ES")) return TagScheme::bioes;
  return only_iob1_ > only_bio_ ? TagScheme::iob1 : TagScheme::bio;
}

}  // namespace recur
