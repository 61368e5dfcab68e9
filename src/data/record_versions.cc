#include "data/record_versions.h"

#include <algorithm>
#include <functional>

#include "base/philox.h"

namespace recur {

std::vector<std::uint32_t> of_first_versions(const std::vector<std::uint32_t>& of_all, std::size_t versions) {
  std::vector<std::uint32_t> first;
  for (std::size_t i = 0; i < of_all.size(); i += versions) first.push_back(of_all[i]);
  return first;
}

void draw_versions(const Records& records, std::span<const std::size_t> originals, std::uint64_t seed,
                   std::uint64_t epoch, std::vector<std::size_t>& to) {
  const Random random(seed, RandomPurpose::speed, static_cast<std::uint32_t>(epoch));
  to.clear();
  for (const std::size_t record : originals) {
    const std::uint64_t drawn = (std::uint64_t{random.word(record)} * records.versions) >> 32;
    to.push_back(record * records.versions + static_cast<std::size_t>(drawn));
  }
  std::ranges::stable_sort(to, std::greater<>(), [&](std::size_t version) { return records.lengths[version]; });
}

}  // namespace recur
