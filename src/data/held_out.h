// Which records of a data file are held out for validation, where no file is given.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace recur {

inline constexpr std::size_t kHeldOut = 20;  // one record in so many is held out, or token at the end of a text

// Takes the label of each record in turn, or an empty one where records have none.
class HeldOutDraw {
 public:
  void add(const std::string& label);

  // Of each record whether it is held out: one in kHeldOut altogether, drawn by the seed; of each label its share, up
  // or down to a whole number, but never the only record.
  std::vector<bool> draw(std::uint64_t seed) const;

 private:
  std::unordered_map<std::string, std::uint32_t> labels_;
  std::vector<std::size_t> counts_;      // of each label
  std::vector<std::uint32_t> label_of_;  // each record
};

}  // namespace recur
