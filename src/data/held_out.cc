#include "data/held_out.h"

#include <algorithm>
#include <numeric>

#include "base/philox.h"

namespace recur {
namespace {

// Streams of random numbers; those that shuffle batches are numbered by the epoch.
constexpr std::uint32_t kLabelStream = 0xFFFFFFFE, kRecordStream = 0xFFFFFFFF;

}  // namespace

void HeldOutDraw::add(const std::string& label) {
  const auto [place, is_new] = labels_.emplace(label, static_cast<std::uint32_t>(counts_.size()));
  if (is_new) counts_.push_back(0);
  ++counts_[place->second];
  label_of_.push_back(place->second);
}

std::vector<bool> HeldOutDraw::draw(std::uint64_t seed) const {
  const Random of_labels(seed, RandomPurpose::shuffle, kLabelStream);
  const Random of_records(seed, RandomPurpose::shuffle, kRecordStream);
  // Whole shares first; what is left goes to the largest remainders, of equal ones to those that are drawn.
  std::vector<std::size_t> wanted, order(counts_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::size_t count : counts_) wanted.push_back(count / kHeldOut);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const std::size_t of_a = counts_[a] % kHeldOut, of_b = counts_[b] % kHeldOut;
    const std::uint32_t drawn_a = of_labels.word(a), drawn_b = of_labels.word(b);
    if (of_a != of_b) return of_a > of_b;
    return drawn_a != drawn_b ? drawn_a < drawn_b : a < b;
  });
  std::size_t left = label_of_.size() / kHeldOut - std::accumulate(wanted.begin(), wanted.end(), std::size_t{0});
  for (const std::size_t label : order) {
    if (left == 0) break;
    if (counts_[label] == 1) continue;
    ++wanted[label];
    --left;
  }
  // Each record with the probability that what is still wanted of its label falls on it (Knuth's algorithm S).
  std::vector<std::size_t> to_come = counts_;
  std::vector<bool> held_out;
  for (std::size_t record = 0; record < label_of_.size(); ++record) {
    const std::uint32_t label = label_of_[record];
    const double place = of_records.uniform64(record) * static_cast<double>(to_come[label]--);
    held_out.push_back(place < static_cast<double>(wanted[label]));
    if (held_out.back()) --wanted[label];
  }
  return held_out;
}

}  // namespace recur
