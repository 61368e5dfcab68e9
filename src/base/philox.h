// Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
// 1, 2, 3"). A number is a function of (seed, stream, position): nothing is carried, so any part of a run can be
// repeated, resumed or computed on any thread with the same bits.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace recur {

// What a stream of random numbers is for; a stream is a purpose plus an index of its own.
enum class RandomPurpose : std::uint32_t {
  initialise = 1,
  dropout = 2,
  sample = 3,
  shuffle = 4,
  test = 5,
  embed = 6,
  speed = 7
};

class Random {
 public:
  Random(std::uint64_t seed, RandomPurpose purpose, std::uint32_t index = 0)
      : seed_(seed), purpose_(static_cast<std::uint32_t>(purpose)), index_(index) {}

  // Four 32-bit words at block `position`.
  std::array<std::uint32_t, 4> block(std::uint64_t position) const {
    std::uint32_t words[4][1];
    blocks(position, words);
    return {words[0][0], words[1][0], words[2][0], words[3][0]};
  }

  // Words 0 to 3 of `count` blocks from `position` on: words[w][b] is word w of block `position` + b.
  template <std::size_t count>
  void blocks(std::uint64_t position, std::uint32_t (&words)[4][count]) const {
    auto& [x0, x1, x2, x3] = words;
    for (std::size_t b = 0; b < count; ++b) {
      x0[b] = static_cast<std::uint32_t>(position + b);
      x1[b] = static_cast<std::uint32_t>((position + b) >> 32);
      x2[b] = index_;
      x3[b] = purpose_;
    }
    auto k0 = static_cast<std::uint32_t>(seed_);
    auto k1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      for (std::size_t b = 0; b < count; ++b) {
        const std::uint64_t low = std::uint64_t{0xD2511F53U} * x0[b];
        const std::uint64_t high = std::uint64_t{0xCD9E8D57U} * x2[b];
        x0[b] = static_cast<std::uint32_t>(high >> 32) ^ x1[b] ^ k0;
        x1[b] = static_cast<std::uint32_t>(high);
        x2[b] = static_cast<std::uint32_t>(low >> 32) ^ x3[b] ^ k1;
        x3[b] = static_cast<std::uint32_t>(low);
      }
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
    }
  }

  // The word at `position` in the sequence of words.
  std::uint32_t word(std::uint64_t position) const { return block(position / 4)[position % 4]; }
  // In [0, 1), 24 bits.
  float uniform(std::uint64_t position) const { return static_cast<float>(word(position) >> 8) * 0x1p-24F; }
  // In [0, 1), 53 bits, from two words.
  double uniform64(std::uint64_t position) const {
    const std::array<std::uint32_t, 4> x = block(position);
    return static_cast<double>((std::uint64_t{x[0]} << 21) ^ (x[1] >> 11)) * 0x1p-53;
  }
  // Standard normal (Box & Muller 1958).
  float normal(std::uint64_t position) const {
    const std::array<std::uint32_t, 4> x = block(position);
    const double u = (x[0] + 0.5) * 0x1p-32;
    const double angle = 6.283185307179586 * x[1] * 0x1p-32;
    return static_cast<float>(std::sqrt(-2 * std::log(u)) * std::cos(angle));
  }

 private:
  std::uint64_t seed_;
  std::uint32_t purpose_, index_;
};

}  // namespace recur
