#include "nn/stack_state.h"

#include <algorithm>
#include <utility>

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

StackState StackState::rows(std::span<const std::size_t> sequences) const {
  StackState taken(layout_, sequences.size());
  for (std::size_t i = 0; i < layout_.widths.size(); ++i) {
    const std::size_t width = layout_.widths[i];
    float* to = taken.part(i).data();
    for (const std::size_t row : sequences) {
      std::copy_n(values_.data() + offsets_[i] + row * width, width, to);
      to += width;
    }
  }
  taken.values_.back() = values_.back();
  return taken;
}

void StackState::keep_first(std::size_t sequences) {
  if (batch_ == sequences) return;
  StackState rest(layout_, sequences);
  rest.copy_first(*this);
  *this = std::move(rest);
}

void StackState::clear() {
  values_.assign(values_.size(), 0.0F);
  values_.back() = 1;
}

}  // namespace recur
