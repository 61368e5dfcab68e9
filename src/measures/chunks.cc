#include "measures/chunks.h"

#include <cassert>
#include <cstddef>

#include "data/chunk_tags.h"

namespace recur {

RightCounts& ChunkTable::of(std::string_view type) {
  const auto place = types_.find(type);
  return place != types_.end() ? place->second : types_.emplace(type, RightCounts()).first->second;
}

void ChunkTable::add(std::span<const std::string> expected, std::span<const std::string> predicted) {
  assert(expected.size() == predicted.size());
  ChunkTag wanted("O"), found("O");  // the tags before
  bool agrees = false;               // both are in a chunk that began at the same step with the same type
  // A last step outside of any chunk ends what is open.
  for (std::size_t t = 0; t <= expected.size(); ++t) {
    const bool last = t == expected.size();
    const ChunkTag next_wanted(last ? std::string_view("O") : std::string_view(expected[t]));
    const ChunkTag next_found(last ? std::string_view("O") : std::string_view(predicted[t]));
    const bool wanted_ends = ends_between(wanted, next_wanted), found_ends = ends_between(found, next_found);
    if (agrees && wanted_ends && found_ends && wanted.type == found.type) {
      agrees = false;
      ++of(wanted.type).right;
    } else if (wanted_ends != found_ends || next_wanted.type != next_found.type) {
      agrees = false;
    }
    const bool wanted_begins = begins_between(wanted, next_wanted), found_begins = begins_between(found, next_found);
    if (wanted_begins && found_begins && next_wanted.type == next_found.type) agrees = true;
    if (wanted_begins) ++of(next_wanted.type).expected;
    if (found_begins) ++of(next_found.type).predicted;
    wanted = next_wanted;
    found = next_found;
  }
}

RightCounts ChunkTable::all() const {
  RightCounts sum;
  for (const auto& [type, counts] : types_) sum += counts;
  return sum;
}

}  // namespace recur
