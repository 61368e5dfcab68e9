// What a kernel works on within one call and is too large for a stack, which a user's threads may have little of.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace recur {

inline constexpr std::size_t kScratchFloats = std::size_t{80} << 10;

// kScratchFloats floats of the calling thread's own, not initialised and aligned to 64 bytes. Taken from memory at its
// first call and kept until the thread ends. Whoever calls it has them until it returns or calls others who do.
float* thread_scratch();

// Some bytes that nobody reads before writing them, aligned to 64: a copy has as many, and assigning allocates only
// where there were too few.
class ScratchBlock {
 public:
  explicit ScratchBlock(std::size_t bytes = 0) { reserve(bytes); }
  ScratchBlock(const ScratchBlock& other) : ScratchBlock(other.size_) {}
  ScratchBlock(ScratchBlock&& other) noexcept { *this = std::move(other); }
  ScratchBlock& operator=(const ScratchBlock& other) {
    reserve(other.size_);
    return *this;
  }
  ScratchBlock& operator=(ScratchBlock&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~ScratchBlock() = default;

  // At least so many from now on; what was in them is lost where that is more than before.
  void reserve(std::size_t bytes) {
    if (bytes <= size_) return;
    data_.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
    size_ = bytes;
  }
  bool empty() const { return size_ == 0; }
  std::byte* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(std::byte* p) const { ::operator delete(p, kAlignment); }
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace recur
