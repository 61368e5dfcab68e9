// A hash of bytes that come piece by piece, to tell whether a file is still what it was. It guards against mistakes,
// not against anyone who wants two files to look alike.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace recur {

// FNV-1a (64 bits) of every 8th byte, eight of them side by side, so that none waits for another; and of those eight.
// A file that differs in one byte has another hash for certain. The cut into pieces makes no difference.
class ContentHash {
 public:
  ContentHash() {
    for (std::size_t i = 0; i < kLanes; ++i) lanes_[i] = kBasis + i;
  }

  void add(std::span<const char> bytes) {
    std::size_t i = 0;
    for (; i < bytes.size() && size_ % kLanes != 0; ++i) add(size_++ % kLanes, bytes[i]);
    for (; i + kLanes <= bytes.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) add(lane, bytes[i + lane]);
      size_ += kLanes;
    }
    for (; i < bytes.size(); ++i) add(size_++ % kLanes, bytes[i]);
  }

  // How many bytes were added.
  std::uint64_t size() const { return size_; }
  std::uint64_t value() const {
    std::uint64_t all = kBasis ^ size_;
    for (const std::uint64_t lane : lanes_) all = (all ^ lane) * kPrime;
    return all;
  }

 private:
  static constexpr std::size_t kLanes = 8;
  static constexpr std::uint64_t kBasis = 14695981039346656037U, kPrime = 1099511628211U;

  void add(std::size_t lane, char byte) { lanes_[lane] = (lanes_[lane] ^ static_cast<unsigned char>(byte)) * kPrime; }

  std::array<std::uint64_t, kLanes> lanes_;
  std::uint64_t size_ = 0;
};

}  // namespace recur
