#include "measures/chunks.h"

#include <cassert>
#include <cstddef>
#include <string_view>

namespace recur {
namespace {

struct Tag {
  std::string_view prefix = "O", type;

  explicit Tag(std::string_view text) : prefix(text.substr(0, text.find('-'))) {
    if (prefix.size() < text.size()) type = text.substr(prefix.size() + 1);
  }
  bool is_any_of(std::string_view prefixes) const {
    return prefix.size() == 1 && prefixes.find(prefix[0]) != std::string_view::npos;
  }
  bool is_inside() const { return prefix != "O" && prefix != "."; }
};

// Whether a chunk ends with `before`, or one begins with `here`, its next tag. A bracket is a chunk of its own.
bool ends_between(const Tag& before, const Tag& here) {
  return (before.is_any_of("BI") && here.is_any_of("BSO")) || (before.is_any_of("ES") && here.is_any_of("BSOEI")) ||
         (before.is_inside() && before.type != here.type) || before.is_any_of("[]");
}
bool begins_between(const Tag& before, const Tag& here) {
  return (before.is_any_of("BIOES") && here.is_any_of("BS")) || (before.is_any_of("OES") && here.is_any_of("IE")) ||
         (here.is_inside() && before.type != here.type) || here.is_any_of("[]");
}

double share(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

}  // namespace

double ChunkCounts::precision() const { return share(correct, predicted); }
double ChunkCounts::recall() const { return share(correct, expected); }
double ChunkCounts::f1() const { return share(2 * correct, predicted + expected); }

ChunkCounts& ChunkCounts::operator+=(const ChunkCounts& other) {
  correct += other.correct;
  predicted += other.predicted;
  expected += other.expected;
  return *this;
}

ChunkCounts count_chunks(std::span<const std::string> expected, std::span<const std::string> predicted) {
  assert(expected.size() == predicted.size());
  ChunkCounts counts;
  Tag wanted("O"), found("O");  // the tags before
  bool agrees = false;          // both are in a chunk that began at the same step with the same type
  // A last step outside of any chunk ends what is open.
  for (std::size_t t = 0; t <= expected.size(); ++t) {
    const bool last = t == expected.size();
    const Tag next_wanted(last ? std::string_view("O") : std::string_view(expected[t]));
    const Tag next_found(last ? std::string_view("O") : std::string_view(predicted[t]));
    const bool wanted_ends = ends_between(wanted, next_wanted), found_ends = ends_between(found, next_found);
    if (agrees && wanted_ends && found_ends && wanted.type == found.type) {
      agrees = false;
      ++counts.correct;
    } else if (wanted_ends != found_ends || next_wanted.type != next_found.type) {
      agrees = false;
    }
    const bool wanted_begins = begins_between(wanted, next_wanted), found_begins = begins_between(found, next_found);
    if (wanted_begins && found_begins && next_wanted.type == next_found.type) agrees = true;
    counts.expected += wanted_begins ? 1 : 0;
    counts.predicted += found_begins ? 1 : 0;
    wanted = next_wanted;
    found = next_found;
  }
  return counts;
}

bool are_chunk_tags(std::span<const std::string> tags) {
  bool any = false;
  for (const std::string& tag : tags) {
    if (tag == "O") continue;
    if (tag.size() < 2 || tag[1] != '-' || std::string_view("BIES").find(tag[0]) == std::string_view::npos)
      return false;
    any = true;
  }
  return any;
}

}  // namespace recur
