#include "nn/heads/tag_order.h"

#include <algorithm>

#include "base/error.h"
#include "base/show.h"

namespace recur {

TagOrder::TagOrder(const TagsField& tags) : names_(tags.names()), scheme_(tags.scheme()) {
  if (scheme_ == TagScheme::as_they_are) {
    fail("--constrain: expected tags that mark chunks, such as B-NAME, I-NAME and O, got {}", quoted_list(names_));
  }
  std::vector<ChunkTag> all = {ChunkTag("O")};
  for (const std::string& name : names_) all.emplace_back(name);
  for (const ChunkTag& before : all) {
    for (const ChunkTag& here : all) allowed_.push_back(recur::may_follow(scheme_, before, here));
  }
  for (std::size_t tag = 0; tag < names_.size(); ++tag) {
    if (may_begin(tag) && may_end(tag)) return;
  }
  fail("--constrain: expected tags of which one can stand alone, O or S-NAME, got {}", quoted_list(names_));
}

std::optional<std::size_t> TagOrder::broken_at(std::span<const int> tags) const {
  std::vector<bool> reached(names_.size() + 1, false), next;  // what may be the tag before; first what is outside
  reached[0] = true;
  for (std::size_t t = 0; t <= tags.size(); ++t) {
    next.assign(reached.size(), false);
    bool any = false;
    const auto reach = [&](std::size_t here) {
      for (std::size_t before = 0; before < reached.size() && !next[here]; ++before) {
        next[here] = reached[before] && allowed(before, here);
      }
      any = any || next[here];
    };
    if (t == tags.size()) {
      reach(0);
    } else if (tags[t] >= 0) {
      reach(static_cast<std::size_t>(tags[t]) + 1);
    } else {
      for (std::size_t here = 1; here < reached.size(); ++here) reach(here);
    }
    if (!any) return t;
    reached.swap(next);
  }
  return std::nullopt;
}

std::string TagOrder::problem(std::span<const int> tags, std::size_t step) const {
  const auto name = [&](std::size_t t) {
    return tags[t] < 0 ? "a tag that nobody knows" : quote(names_[static_cast<std::size_t>(tags[t])]);
  };
  const std::string before = step == 0 ? "the beginning" : name(step - 1);
  return fmt::format("{} after {}, which --constrain leaves out: the tags are {}",
                     step == tags.size() ? "the end" : name(step), before, to_string(scheme_));
}

}  // namespace recur
