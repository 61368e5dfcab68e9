// Of records that have several versions in a row (Records::versions), such as a sound at several speeds, training sees
// one of each in an epoch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/records.h"

namespace recur {

// Of numbers of all versions those of each record's first.
std::vector<std::uint32_t> of_first_versions(const std::vector<std::uint32_t>& of_all, std::size_t versions);

// The versions of some records that an epoch has, longest first: each a function of the seed, the epoch and the record
// alone. `originals`: their numbers among originals().
void draw_versions(const Records& records, std::span<const std::size_t> originals, std::uint64_t seed,
                   std::uint64_t epoch, std::vector<std::size_t>& to);

}  // namespace recur
