// Ragged: many short arrays, one behind the other in one vector.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

namespace recur {

template <class T>
class Ragged {
 public:
  // How many arrays there are.
  std::size_t size() const { return begins_.size() - 1; }
  // How many elements all arrays have together.
  std::size_t total() const { return elements_.size(); }
  // Array i in [0, size()); valid until the next add().
  std::span<const T> operator[](std::size_t i) const {
    assert(i < size());
    return std::span(elements_).subspan(begins_[i], begins_[i + 1] - begins_[i]);
  }
  // Appends an array, which may be empty and may not be one of this object's own.
  void add(std::span<const T> elements) {
    elements_.insert(elements_.end(), elements.begin(), elements.end());
    begins_.push_back(elements_.size());
  }

 private:
  std::vector<T> elements_;
  std::vector<std::size_t> begins_ = {0};  // [size() + 1]: array i is elements [begins_[i], begins_[i + 1])
};

}  // namespace recur
