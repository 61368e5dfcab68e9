#include "measures/chunks.h"

#include <cassert>
#include <cstddef>
#include <string_view>

#include "data/chunk_tags.h"

namespace recur {
namespace {

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

ChunkCounts& ChunkTable::of(std::string_view type) {
  const auto place = types_.find(type);
  return place != types_.end() ? place->second : types_.emplace(type, ChunkCounts()).first->second;
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
      ++of(wanted.type).correct;
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

ChunkCounts ChunkTable::all() const {
  ChunkCounts sum;
  for (const auto& [type, counts] : types_) sum += counts;
  return sum;
}

}  // namespace recur
