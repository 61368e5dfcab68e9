#include "nn/stack_state.h"

#include <algorithm>

namespace recur {

StackState::StackState(const StateLayout& layout, std::size_t batch) : layout_(layout), batch_(batch) {
  offsets_.push_back(0);
  for (const std::size_t width : layout_.widths) offsets_.push_back(offsets_.back() + batch * width);
  values_.resize(offsets_.back() + 1);
  clear();
}

void StackState::copy_first(const StackState& other) {
  const std::size_t sequences = std::min(batch_, other.batch_);
  for (std::size_t i = 0; i < layout_.widths.size(); ++i) {
    std::copy_n(other.values_.begin() + static_cast<std::ptrdiff_t>(other.offsets_[i]), sequences * layout_.widths[i],
                part(i).begin());
  }
  values_.back() = other.values_.back();
}

void StackState::clear() {
  values_.assign(values_.size(), 0.0F);
  values_.back() = 1;
}

}  // namespace recur
