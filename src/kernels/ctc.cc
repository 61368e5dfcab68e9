#include "kernels/ctc.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/threads.h"
#include "kernels/softmax.h"
#include "recur/types/simd.h"

namespace recur {
namespace {

// A path is, at each frame, in one of the states blank 0, token 1, blank 1, token 2, ..., token L, blank L: token i is
// the target's i-th, blank i what may follow it. The two kinds lie apart, so that neighbours are neighbours in memory:
// blank i and token i at place i of arrays that have a block in front and one behind, for what is beyond the ends.
//
// A number is mantissa * 2^exponent, the exponent a whole number in a float. In a product exponents add up; in a sum
// the largest is everybody's, and what is 2^-126 of it or less is next to nothing. Mantissas grow by at most 9 / 4 and
// shrink by at most 3 / 4 bits a frame; every kUntilNormal frames they are taken back to [1, 2).
constexpr std::size_t kBlock = 16;  // places; a multiple of every SIMD width
constexpr std::size_t kUntilNormal = 16;
constexpr float kNothing = -1e9F;  // the exponent of what no path reaches

struct Numbers {
  float *mantissa, *exponent;

  Numbers at(std::ptrdiff_t place) const { return {mantissa + place, exponent + place}; }
};
// What the states of one frame have.
struct Row {
  Numbers blanks, tokens;
};

// The places that are computed in a frame: whole blocks around those from which the beginning and the end can both be
// reached.
struct Band {
  std::size_t first, last;  // [first, last)

  std::ptrdiff_t below() const { return static_cast<std::ptrdiff_t>(first) - static_cast<std::ptrdiff_t>(kBlock); }
  std::ptrdiff_t above() const { return static_cast<std::ptrdiff_t>(last); }
};

template <class V>
struct Scaled {
  V mantissa, exponent;
};
template <class V>
Scaled<V> load(const Numbers& from) {
  return {V::load(from.mantissa), V::load(from.exponent)};
}
template <class V>
void store(const Scaled<V>& x, const Numbers& to) {
  x.mantissa.store(to.mantissa);
  x.exponent.store(to.exponent);
}
// 2^d for whole numbers d below 128; 2^-126 for all that are smaller.
template <class V>
V power(const V& d) {
  const V magic(12582912.0F);  // 1.5 * 2^23: adding it leaves the whole number in the low bits
  return shift_exponent(V(1.0F), max(V(-126.0F), d) + magic);
}
template <class V>
Scaled<V> operator+(const Scaled<V>& a, const Scaled<V>& b) {
  const V most = max(a.exponent, b.exponent);
  return {fma(a.mantissa, power(a.exponent - most), b.mantissa * power(b.exponent - most)), most};
}
template <class V>
Scaled<V> add(const Scaled<V>& a, const Scaled<V>& b, const Scaled<V>& c) {
  const V most = max(max(a.exponent, b.exponent), c.exponent);
  const V two = fma(a.mantissa, power(a.exponent - most), b.mantissa * power(b.exponent - most));
  return {fma(c.mantissa, power(c.exponent - most), two), most};
}
template <class V>
Scaled<V> operator*(const Scaled<V>& a, const Scaled<V>& b) {
  return {a.mantissa * b.mantissa, a.exponent + b.exponent};
}
// e^x.
template <class V>
Scaled<V> exponential(const V& x) {
  constexpr float kLeast = -2.9e6F;  // whose exponent the magic number still holds
  const V magic(12582912.0F), within = max(V(kLeast), x);
  const V n = fma(within, V(1.44269504088896341F), magic) - magic;
  return {exp(fma(n, V(2.12194440e-4F), fma(n, V(-0.693359375F), within))), n};  // ln 2 in two parts
}

// Logarithms of probabilities, of which those in the band, become numbers.
struct Exponentials {
  template <class V>
  static void run(Band band, Numbers numbers) {
    for (std::size_t i = band.first; i < band.last; i += V::kLanes) {
      const Numbers at = numbers.at(static_cast<std::ptrdiff_t>(i));
      store(exponential(V::load(at.mantissa)), at);
    }
  }
};

// Nothing in the blocks below and above the band, which other frames may read.
template <class V>
void clear_around(const Band& band, const Row& row) {
  for (const Numbers& numbers : {row.blanks, row.tokens}) {
    for (std::size_t i = 0; i < kBlock; i += V::kLanes) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      store(Scaled<V>{V(0.0F), V(kNothing)}, numbers.at(band.below() + at));
      store(Scaled<V>{V(0.0F), V(kNothing)}, numbers.at(band.above() + at));
    }
  }
}

// From what paths have up to the frame before to what they have up to this one. p: of the tokens; the blank's
// logarithm. skip [places]: 0 where a token may follow the one before it at once, else kNothing.
struct Forward {
  template <class V>
  static void run(Band band, Row before, Numbers p, float blank, const float* skip, Row row) {
    const Scaled<V> p_blank = exponential(V(blank));
    for (std::size_t i = band.first; i < band.last; i += V::kLanes) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      const auto token = load<V>(before.tokens.at(at)), blank_before = load<V>(before.blanks.at(at - 1));
      auto skipped = load<V>(before.tokens.at(at - 1));
      skipped.exponent = skipped.exponent + V::load(skip + at);
      store((load<V>(before.blanks.at(at)) + token) * p_blank, row.blanks.at(at));
      store(add(token, blank_before, skipped) * load<V>(p.at(at)), row.tokens.at(at));
    }
    clear_around<V>(band, row);
  }
};

// From what paths have from the frame after on, that frame's own output among it, to what they have from this one on;
// and the shares of all paths that go through each state here: those of the tokens to shares [places], those of the
// blanks summed to *blanks. `forward` is what paths have up to this frame, all of them together have 2^whole.
struct Backward {
  template <class V>
  static void run(Band band, Row after, Numbers p, float blank, const float* skip, Row forward, float whole, Row row,
                  float* shares, float* blanks) {
    const Scaled<V> p_blank = exponential(V(blank));
    V sum(0.0F);
    for (std::size_t i = band.first; i < band.last; i += V::kLanes) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      const auto token = load<V>(after.tokens.at(at)), blank_after = load<V>(after.blanks.at(at));
      const auto next = load<V>(after.tokens.at(at + 1));
      const Scaled<V> skipped{next.mantissa, next.exponent + V::load(skip + at + 1)};
      const Scaled<V> rest_of_blank = blank_after + next, rest_of_token = add(token, blank_after, skipped);
      sum = sum + share(rest_of_blank, load<V>(forward.blanks.at(at)), whole);
      share(rest_of_token, load<V>(forward.tokens.at(at)), whole).store(shares + at);
      store(rest_of_blank * p_blank, row.blanks.at(at));
      store(rest_of_token * load<V>(p.at(at)), row.tokens.at(at));
    }
    clear_around<V>(band, row);
    float lanes[V::kLanes];
    sum.store(lanes);
    *blanks = 0;
    for (const float lane : lanes) *blanks += lane;
  }

 private:
  template <class V>
  static V share(const Scaled<V>& a, const Scaled<V>& b, float whole) {
    return a.mantissa * b.mantissa * power(a.exponent + b.exponent - V(whole));
  }
};

// Mantissas to [1, 2).
void normalise(const Band& band, const Numbers& numbers) {
  for (std::size_t i = band.first; i < band.last; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(numbers.mantissa[i]);
    const std::uint32_t exponent = bits >> 23;
    if (exponent == 0 || exponent == 255) continue;  // nothing, or not a number
    numbers.mantissa[i] = std::bit_cast<float>((bits & 0x7FFFFFU) | 0x3F800000U);
    numbers.exponent[i] += static_cast<float>(exponent) - 127;
  }
}
void normalise(const Band& band, const Row& row) {
  normalise(band, row.blanks);
  normalise(band, row.tokens);
}

// What a sequence takes while it is computed, in memory of its worker's own; all arrays have the places of its states.
class Memory {
 public:
  static constexpr std::size_t kOfFrame = 6, kEdges = 3, kOfRow = 4, kOthers = 2;  // arrays
  static std::size_t places(std::size_t tokens) { return kBlock + (tokens / kBlock + 1) * kBlock + kBlock; }
  // Floats.
  static std::size_t size(std::size_t frames, std::size_t tokens, std::size_t outputs) {
    return (kOfFrame * frames + kEdges * kOfRow + kOthers) * places(tokens) + frames + outputs;
  }
  Memory(float* floats, std::size_t frames, std::size_t tokens)
      : floats_(floats), places_(places(tokens)), frames_(frames) {}

  Row row(std::size_t frame) const { return row_from(kOfFrame * frame); }
  Numbers tokens(std::size_t frame) const { return {array(kOfFrame * frame + 4), array(kOfFrame * frame + 5)}; }
  Row edge(std::size_t number) const { return row_from(kOfFrame * frames_ + kOfRow * number); }
  float* skip() const { return array(kOfFrame * frames_ + kOfRow * kEdges); }
  float* shares() const { return array(kOfFrame * frames_ + kOfRow * kEdges + 1); }
  float* blanks() const { return array(kOfFrame * frames_ + kOfRow * kEdges + kOthers) - kBlock; }  // [frames]
  float* outputs() const { return blanks() + frames_; }                                             // [outputs]
  Band all() const { return {0, places_ - 2 * kBlock}; }

 private:
  float* array(std::size_t number) const { return floats_ + number * places_ + kBlock; }
  Row row_from(std::size_t array_number) const {
    return {{array(array_number), array(array_number + 1)}, {array(array_number + 2), array(array_number + 3)}};
  }

  float* floats_;
  std::size_t places_, frames_;
};

void clear(const Band& band, const Row& row) {
  for (const Numbers& numbers : {row.blanks, row.tokens}) {
    std::fill(numbers.mantissa + band.below(), numbers.mantissa + band.above() + kBlock, 0.0F);
    std::fill(numbers.exponent + band.below(), numbers.exponent + band.above() + kBlock, kNothing);
  }
}
// One.
void set(const Numbers& number) {
  *number.mantissa = 1;
  *number.exponent = 0;
}
double log2_of_sum(const Numbers& a, const Numbers& b) {
  const auto one = static_cast<double>(*a.exponent), other = static_cast<double>(*b.exponent);
  const double most = std::max(one, other);
  return most + std::log2(static_cast<double>(*a.mantissa) * std::exp2(one - most) +
                          static_cast<double>(*b.mantissa) * std::exp2(other - most));
}

// One sequence whose target fits.
class Sequence {
 public:
  // needed [tokens + 1] becomes the frames that so many of the target's tokens take at least.
  Sequence(const CtcProblem& problem, std::size_t row, float* memory, std::uint32_t* needed)
      : problem_(problem),
        row_(row),
        target_(problem.targets[row]),
        frames_(problem.steps->length_of(row)),
        memory_(memory, frames_, target_.size()),
        needed_(needed) {
    float* skip = memory_.skip();
    std::fill(skip + memory_.all().below(), skip + memory_.all().above() + kBlock, kNothing);
    needed_[0] = 0;
    for (std::size_t i = 1; i <= target_.size(); ++i) {
      const bool repeats = i > 1 && target_[i - 1] == target_[i - 2];
      needed_[i] = needed_[i - 1] + (repeats ? 2 : 1);
      if (!repeats) skip[i] = 0;
    }
  }

  // -log p(target). The gradient is null or that of all sequences, of which this one's rows are set.
  double run(float scale, float* gradient) {
    const double log_sums = forward(scale, gradient);
    const auto end = static_cast<std::ptrdiff_t>(target_.size());
    const Row last = memory_.row(frames_ - 1);
    const double log2_all = log2_of_sum(last.blanks.at(end), last.tokens.at(end));
    if (gradient != nullptr) backward(scale, static_cast<float>(std::round(log2_all)), gradient);
    return log_sums - log2_all * std::log(2.0);
  }

 private:
  std::size_t outputs() const { return problem_.logits.columns; }
  std::size_t at(std::size_t frame) const { return problem_.steps->offset(frame) + row_; }

  // The tokens between which paths are at a frame that can reach both ends; with them goes the blank before the first.
  struct Reach {
    std::size_t first = 0, last = 0;
  };
  // Moves what reaches far enough at some frame near it to this one.
  Band band(std::size_t frame, Reach& reach) const {
    const std::size_t tokens = target_.size(), left = frames_ - 1 - frame;
    const auto after = [&](std::size_t i) { return needed_[tokens] - needed_[i]; };  // frames that the rest takes
    while (reach.last < tokens && needed_[reach.last + 1] <= frame + 1) ++reach.last;
    while (needed_[reach.last] > frame + 1) --reach.last;
    while (after(reach.first) > left) ++reach.first;
    while (reach.first > 0 && after(reach.first - 1) <= left) --reach.first;
    return {(reach.first > 0 ? reach.first - 1 : 0) / kBlock * kBlock, (reach.last / kBlock + 1) * kBlock};
  }

  // Returns the sum of what logits were taken less than by than the logarithms of probabilities.
  double forward(float scale, float* gradient) {
    Row before = memory_.edge(0);
    clear(memory_.all(), before);
    set(before.blanks);
    double rest = 0;
    Reach reach;
    for (std::size_t t = 0; t < frames_; ++t) {
      const Band here = band(t, reach);
      const float* logits = problem_.logits.data + at(t) * problem_.logits.stride;
      float* probabilities = gradient == nullptr ? memory_.outputs() : gradient + at(t) * outputs();
      std::copy_n(logits, outputs(), probabilities);
      const double log_sum = softmax({probabilities, outputs()}, scale);
      const auto rounded = static_cast<float>(log_sum);
      rest += log_sum - static_cast<double>(rounded);
      read_tokens(here, logits, rounded, memory_.tokens(t));
      memory_.blanks()[t] = logits[problem_.blank] - rounded;
      const Row row = memory_.row(t);
      dispatch<Forward>(here, before, memory_.tokens(t), memory_.blanks()[t], memory_.skip(), row);
      if (t % kUntilNormal == kUntilNormal - 1) normalise(here, row);
      before = row;
    }
    return rest;
  }

  void read_tokens(const Band& band, const float* logits, float log_sum, const Numbers& to) const {
    for (std::size_t i = band.first; i < band.last; ++i) {
      const bool is_token = i > 0 && i <= target_.size();
      to.mantissa[i] = is_token ? logits[target_[i - 1]] - log_sum : kNothing;
    }
    dispatch<Exponentials>(band, to);
  }

  void backward(float scale, float whole, float* gradient) {
    Row after = memory_.edge(0);
    clear(memory_.all(), after);
    set(after.blanks.at(static_cast<std::ptrdiff_t>(target_.size())));
    Reach reach;
    for (std::size_t t = frames_; t-- > 0;) {
      const Band here = band(t, reach);
      const Row row = memory_.edge(1 + t % 2);
      float blanks = 0;
      dispatch<Backward>(here, after, memory_.tokens(t), memory_.blanks()[t], memory_.skip(), memory_.row(t), whole,
                         row, memory_.shares(), &blanks);
      if (t % kUntilNormal == 0) normalise(here, row);
      subtract(here, blanks, scale, gradient + at(t) * outputs());
      after = row;
    }
  }

  // The shares of all paths, which add up to 1 but for rounding.
  void subtract(const Band& band, float blanks, float scale, float* gradient) const {
    const float* shares = memory_.shares();
    const std::size_t end = std::min(band.last, target_.size() + 1);
    float sum = blanks;
    for (std::size_t i = band.first; i < end; ++i) sum += shares[i];
    const float factor = scale / sum;
    for (std::size_t i = std::max<std::size_t>(band.first, 1); i < end; ++i) {
      gradient[target_[i - 1]] -= factor * shares[i];
    }
    gradient[problem_.blank] -= factor * blanks;
  }

  const CtcProblem& problem_;
  std::size_t row_;
  std::span<const int> target_;
  std::size_t frames_;
  Memory memory_;
  std::uint32_t* needed_;
};

}  // namespace

std::size_t ctc_frames(std::span<const int> target) {
  std::size_t frames = target.size();
  for (std::size_t i = 1; i < target.size(); ++i) frames += target[i] == target[i - 1] ? 1 : 0;
  return frames;
}

void ctc(const CtcProblem& problem, float scale, std::span<double> losses, float* gradient, Arena& scratch) {
  const Steps& steps = *problem.steps;
  assert(problem.logits.rows == steps.total() && losses.size() == steps.batch());
  assert(problem.targets.size() == steps.batch());
  std::size_t most = 0, tokens = 0;
  for (std::size_t row = 0; row < steps.batch(); ++row) {
    const std::size_t count = problem.targets[row].size();
    most = std::max(most, Memory::size(steps.length_of(row), count, problem.logits.columns));
    tokens = std::max(tokens, count);
  }
  const std::span<float> floats = scratch.take<float>(thread_count(), most);
  const std::span<std::uint32_t> needed = scratch.take<std::uint32_t>(thread_count(), tokens + 1);
  parallel_for(steps.batch(), [&](std::size_t row, std::size_t worker) {
    if (ctc_frames(problem.targets[row]) <= steps.length_of(row)) {
      Sequence sequence(problem, row, floats.data() + worker * most, needed.data() + worker * (tokens + 1));
      losses[row] = sequence.run(scale, gradient);
      return;
    }
    losses[row] = std::numeric_limits<double>::infinity();
    for (std::size_t t = 0; t < steps.length_of(row) && gradient != nullptr; ++t) {
      std::fill_n(gradient + (steps.offset(t) + row) * problem.logits.columns, problem.logits.columns, 0.0F);
    }
  });
}

}  // namespace recur
