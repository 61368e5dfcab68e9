// Which tags may stand next to each other where they mark chunks, for heads that choose only such (--constrain).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/tags_field.h"

namespace recur {

class TagOrder {
 public:
  // Throws Error naming --constrain for tags that mark no chunks, or of which none can stand alone.
  explicit TagOrder(const TagsField& tags);

  bool may_begin(std::size_t tag) const { return allowed(0, tag + 1); }
  bool may_end(std::size_t tag) const { return allowed(tag + 1, 0); }
  bool may_follow(std::size_t before, std::size_t tag) const { return allowed(before + 1, tag + 1); }
  // The step of a sentence at which no order is left that agrees with its tags, as many as these for its end; nothing
  // where there is one. What is no tag, below 0, may be any.
  std::optional<std::size_t> broken_at(std::span<const int> tags) const;
  // For people: what is wrong at that step.
  std::string problem(std::span<const int> tags, std::size_t step) const;

 private:
  bool allowed(std::size_t before, std::size_t here) const { return allowed_[before * (names_.size() + 1) + here]; }

  const std::vector<std::string>& names_;
  TagScheme scheme_;
  // [1 + tags, 1 + tags]: whether one may come after another; the first is what is outside, where sentences begin and
  // end.
  std::vector<bool> allowed_;
};

}  // namespace recur
