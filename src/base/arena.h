// Memory that is taken piece by piece and given back all at once. After the first few rewinds it is one block and
// taking from it allocates nothing.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

namespace recur {

class Arena {
 public:
  // An uninitialised array of n times `each` trivially destructible T, aligned to 64 bytes; valid until rewind().
  // Throws std::bad_alloc when there is not so much memory, however large the numbers are.
  template <class T>
  std::span<T> take(std::size_t n, std::size_t each = 1) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
    std::size_t count = 0, bytes = 0;
    if (__builtin_mul_overflow(n, each, &count) || __builtin_mul_overflow(count, sizeof(T), &bytes) ||
        bytes > std::numeric_limits<std::ptrdiff_t>::max()) {
      throw std::bad_array_new_length();
    }
    return {static_cast<T*>(take_bytes(bytes)), count};
  }

  // An arena in `bytes` of this one's memory, for another thread; where they do not suffice it has blocks of its own.
  Arena part(std::size_t bytes) {
    Arena arena;
    arena.blocks_.push_back({std::unique_ptr<std::byte, Free>(take<std::byte>(bytes).data(), Free{0}), bytes});
    return arena;
  }

  // What has been taken so far; release() gives back what was taken since, unless the arena had to grow meanwhile.
  struct Mark {
    std::size_t blocks, used;
  };
  Mark mark() const { return {blocks_.size(), used_}; }
  void release(const Mark& mark) {
    if (mark.blocks == blocks_.size()) used_ = mark.used;
  }

  // Gives everything back. When it had to grow since the last time, the blocks become one large enough for all.
  void rewind() {
    if (blocks_.size() > 1) {
      std::size_t total = 0;
      for (const Block& block : blocks_) total += block.size;
      blocks_.clear();
      add_block(total);
    }
    used_ = 0;
  }

 private:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kLargePage = std::size_t{1} << 21;
  struct Free {
    std::size_t alignment;  // 0: the memory is another arena's
    void operator()(std::byte* p) const {
      if (alignment > 0) ::operator delete (p, std::align_val_t{alignment});
    }
  };
  struct Block {
    std::unique_ptr<std::byte, Free> data;
    std::size_t size;
  };

  // Large blocks ask for large pages: products walk over rows that are many pages apart.
  void add_block(std::size_t size) {
    const std::size_t alignment = size >= kLargePage ? kLargePage : kAlignment;
    auto* data = static_cast<std::byte*>(::operator new (size, std::align_val_t{alignment}));
    if (alignment == kLargePage) ::madvise(data, size, MADV_HUGEPAGE);
    blocks_.push_back({std::unique_ptr<std::byte, Free>(data, Free{alignment}), size});
    used_ = 0;
  }

  void* take_bytes(std::size_t bytes) {
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (blocks_.empty() || used_ + bytes > blocks_.back().size) add_block(std::max(bytes, growth()));
    void* p = blocks_.back().data.get() + used_;
    used_ += bytes;
    return p;
  }

  // As much again as there is, so that what needs little takes little.
  std::size_t growth() const {
    std::size_t total = 0;
    for (const Block& block : blocks_) total += block.size;
    return std::clamp(total, kLeastGrowth, kMostGrowth);
  }

  static constexpr std::size_t kLeastGrowth = std::size_t{1} << 16, kMostGrowth = std::size_t{1} << 20;
  std::vector<Block> blocks_;
  std::size_t used_ = 0;
};

}  // namespace recur
