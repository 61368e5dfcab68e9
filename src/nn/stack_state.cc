#include "nn/stack_state.h"

namespace recur {

StackState::StackState(const StateLayout& layout, std::size_t batch) : layout_(layout), batch_(batch) {
  offsets_.push_back(0);
  for (const std::size_t width : layout_.widths) offsets_.push_back(offsets_.back() + batch * width);
  values_.resize(offsets_.back() + 1);
  clear();
}

void StackState::clear() {
  values_.assign(values_.size(), 0.0F);
  values_.back() = 1;
}

}  // namespace recur
