#include "kernels/glimpse.h"

#include <algorithm>
#include <cmath>

#include "recur/types/simd.h"

namespace recur {
namespace {

constexpr float kMostLog = 15, kLeastSum = 1e-8F;

// What the five numbers say.
struct Grid {
  Grid(const GlimpseShape& s, const float* numbers)
      : centre_x(0.5F * static_cast<float>(s.width + 1) * (numbers[0] + 1)),
        centre_y(0.5F * static_cast<float>(s.height + 1) * (numbers[1] + 1)),
        precision(std::exp(-bounded(numbers[2]))),
        distance(static_cast<float>(std::max(s.width, s.height) - 1) /
                 static_cast<float>(std::max<std::size_t>(s.size - 1, 1)) * std::exp(bounded(numbers[3]))),
        gamma(std::exp(bounded(numbers[4]))) {}

  static float bounded(float logarithm) { return std::clamp(logarithm, -kMostLog, kMostLog); }
  static bool is_bounded(float logarithm) { return std::abs(logarithm) > kMostLog; }

  float centre_x, centre_y;
  float precision;  // 1 / sigma^2
  float distance, gamma;
};

// The filters of one side: `length` pixels, in rows of `stride` floats.
struct Side {
  std::size_t size, length, stride;
  float centre, distance, precision;

  float middle(std::size_t j) const {
    return centre + (static_cast<float>(j) - 0.5F * static_cast<float>(size - 1)) * distance;
  }
};
Side side_x(const GlimpseShape& s, const Grid& g) {
  return {s.size, s.width, s.row(), g.centre_x, g.distance, g.precision};
}
Side side_y(const GlimpseShape& s, const Grid& g) {
  return {s.size, s.height, s.column(), g.centre_y, g.distance, g.precision};
}

// The parts of `kept`.
template <class Float>
struct Kept {
  Kept(const GlimpseShape& s, Float* kept)
      : y(kept), x(y + s.size * s.column()), half(x + s.size * s.row()), plane(s.size * s.row()) {}
  // Of a channel of the picture, or of what the canvas lacks of it.
  Float* of(std::size_t channel, std::size_t which = 0) const { return half + (2 * channel + which) * plane; }

  Float *y, *x;  // filters
  Float* half;   // multiplied from one side
  std::size_t plane;
};

// All loops below run over rows padded to whole vectors; what stands in the padding of pictures meets filters that are
// zero there.
template <class V>
struct Rows {
  static float sum(const V& v) {
    float lanes[V::kLanes];
    v.store(lanes);
    for (std::size_t n = V::kLanes / 2; n > 0; n /= 2) {
      for (std::size_t k = 0; k < n; ++k) lanes[k] += lanes[k + n];
    }
    return lanes[0];
  }
  static float dot(std::size_t count, const float* a, const float* b) {
    V s(0.0F);
    for (std::size_t k = 0; k < count; k += V::kLanes) s = fma(V::load(a + k), V::load(b + k), s);
    return sum(s);
  }
  // to += factor a
  static void add(std::size_t count, float factor, const float* a, float* to) {
    const V f(factor);
    for (std::size_t k = 0; k < count; k += V::kLanes) fma(f, V::load(a + k), V::load(to + k)).store(to + k);
  }
  // 1, 2, .. from the k-th on
  static V places(std::size_t k) {
    float lanes[V::kLanes];
    for (std::size_t i = 0; i < V::kLanes; ++i) lanes[i] = static_cast<float>(k + i + 1);
    return V::load(lanes);
  }

  static void filters(const Side& side, float* f) {
    for (std::size_t j = 0; j < side.size; ++j, f += side.stride) {
      const V middle(side.middle(j)), factor(-0.5F * side.precision);
      for (std::size_t k = 0; k < side.stride; k += V::kLanes) {
        const V d = places(k) - middle;
        exp(factor * d * d).store(f + k);
      }
      std::fill(f + side.length, f + side.stride, 0.0F);
      V s(0.0F);
      for (std::size_t k = 0; k < side.stride; k += V::kLanes) s = s + V::load(f + k);
      const V share(1 / (sum(s) + kLeastSum));
      for (std::size_t k = 0; k < side.stride; k += V::kLanes) (share * V::load(f + k)).store(f + k);
    }
  }

  struct SideGradients {
    float centre = 0, distance = 0, log_variance = 0;
  };
  static SideGradients filters_backward(const Side& side, const float* f, const float* d_f) {
    SideGradients d;
    for (std::size_t j = 0; j < side.size; ++j, f += side.stride, d_f += side.stride) {
      const V middle(side.middle(j)), mean(dot(side.stride, f, d_f));
      V first(0.0F), second(0.0F);
      for (std::size_t k = 0; k < side.stride; k += V::kLanes) {
        const V away = places(k) - middle;
        const V change = V::load(f + k) * (V::load(d_f + k) - mean) * away;
        first = first + change;
        second = fma(change, away, second);
      }
      const float d_middle = side.precision * sum(first);
      d.centre += d_middle;
      d.distance += (static_cast<float>(j) - 0.5F * static_cast<float>(side.size - 1)) * d_middle;
      d.log_variance += 0.5F * side.precision * sum(second);
    }
    return d;
  }

  static void grid_backward(const GlimpseShape& s, const Grid& g, const float* numbers, const Kept<const float>& kept,
                            const float* d_y, const float* d_x, float d_log_gamma, float* d_numbers) {
    const SideGradients x = filters_backward(side_x(s, g), kept.x, d_x);
    const SideGradients y = filters_backward(side_y(s, g), kept.y, d_y);
    d_numbers[0] += 0.5F * static_cast<float>(s.width + 1) * x.centre;
    d_numbers[1] += 0.5F * static_cast<float>(s.height + 1) * y.centre;
    if (!Grid::is_bounded(numbers[2])) d_numbers[2] += x.log_variance + y.log_variance;
    if (!Grid::is_bounded(numbers[3])) d_numbers[3] += g.distance * (x.distance + y.distance);
    if (!Grid::is_bounded(numbers[4])) d_numbers[4] += d_log_gamma;
  }

  // A row of the picture and of sigmoid(canvas), and what that lacks.
  struct Pixels {
    float *x, *shown, *lacks;
    void read(std::size_t width, std::size_t row, const float* picture, const float* canvas) const {
      std::copy_n(picture, width, x);
      std::copy_n(canvas, width, shown);
      for (std::size_t k = 0; k < row; k += V::kLanes) {
        const V s = sigmoid(V::load(shown + k));
        s.store(shown + k);
        (V::load(x + k) - s).store(lacks + k);
      }
    }
  };
  // At the end of the scratch memory.
  static Pixels pixels(const GlimpseShape& s, float* scratch) {
    float* const rows = scratch + s.scratch() - 3 * s.row();
    std::fill_n(rows, 3 * s.row(), 0.0F);
    return {rows, rows + s.row(), rows + 2 * s.row()};
  }
};

struct See {
  template <class V>
  static void run(const GlimpseShape& s, const float* numbers, const float* x, const float* canvas, float* memory,
                  float* scratch, float* seen) {
    using R = Rows<V>;
    const Grid grid(s, numbers);
    const Kept<float> kept(s, memory);
    R::filters(side_x(s, grid), kept.x);
    R::filters(side_y(s, grid), kept.y);
    const auto pixels = R::pixels(s, scratch);
    const std::size_t n = s.size, row = s.row();
    for (std::size_t c = 0; c < s.channels; ++c) {
      std::fill_n(kept.of(c), 2 * kept.plane, 0.0F);
      for (std::size_t y = 0; y < s.height; ++y) {
        const std::size_t place = (c * s.height + y) * s.width;
        pixels.read(s.width, row, x + place, canvas + place);
        for (std::size_t i = 0; i < n; ++i) {
          const float f = kept.y[i * s.column() + y];
          R::add(row, f, pixels.x, kept.of(c, 0) + i * row);
          R::add(row, f, pixels.lacks, kept.of(c, 1) + i * row);
        }
      }
      for (std::size_t k = 0; k < 2; ++k) {
        for (std::size_t i = 0; i < n * n; ++i) {
          seen[(k * s.channels + c) * n * n + i] =
              grid.gamma * R::dot(row, kept.of(c, k) + i / n * row, kept.x + i % n * row);
        }
      }
    }
  }
};

struct SeeBackward {
  template <class V>
  static void run(const GlimpseShape& s, const float* numbers, const float* x, const float* canvas, const float* memory,
                  const float* seen, const float* d_seen, float* scratch, float* d_numbers, float* d_canvas) {
    using R = Rows<V>;
    const Grid grid(s, numbers);
    const Kept<const float> kept(s, memory);
    const std::size_t n = s.size, row = s.row();
    float* const d_y = scratch;
    float* const d_x = d_y + n * s.column();
    float* const spread = d_x + n * row;  // gamma d_seen F_X of both pictures, [2, N, row]
    std::fill_n(scratch, n * (s.column() + row), 0.0F);
    const auto pixels = R::pixels(s, scratch);
    float d_log_gamma = 0;
    for (std::size_t i = 0; i < 2 * s.patch(); ++i) d_log_gamma += seen[i] * d_seen[i];
    for (std::size_t c = 0; c < s.channels; ++c) {
      std::fill_n(spread, 2 * n * row, 0.0F);
      for (std::size_t k = 0; k < 2; ++k) {
        for (std::size_t i = 0; i < n * n; ++i) {
          const float d = grid.gamma * d_seen[(k * s.channels + c) * n * n + i];
          R::add(row, d, kept.x + i % n * row, spread + (k * n + i / n) * row);
          R::add(row, d, kept.of(c, k) + i / n * row, d_x + i % n * row);
        }
      }
      for (std::size_t y = 0; y < s.height; ++y) {
        const std::size_t place = (c * s.height + y) * s.width;
        pixels.read(s.width, row, x + place, canvas + place);
        for (std::size_t i = 0; i < n; ++i) {
          d_y[i * s.column() + y] +=
              R::dot(row, spread + i * row, pixels.x) + R::dot(row, spread + (n + i) * row, pixels.lacks);
        }
        of_canvas<V>(s, kept.y + y, spread + n * row, pixels.shown, pixels.lacks, d_canvas + place);
      }
    }
    R::grid_backward(s, grid, numbers, kept, d_y, d_x, d_log_gamma, d_numbers);
  }

  // Of a row; `d_lacks` is overwritten.
  template <class V>
  static void of_canvas(const GlimpseShape& s, const float* f, const float* spread, const float* shown, float* d_lacks,
                        float* d_canvas) {
    std::fill_n(d_lacks, s.row(), 0.0F);
    for (std::size_t i = 0; i < s.size; ++i) Rows<V>::add(s.row(), f[i * s.column()], spread + i * s.row(), d_lacks);
    for (std::size_t k = 0; k < s.width; ++k) d_canvas[k] -= shown[k] * (1 - shown[k]) * d_lacks[k];
  }
};

struct Stroke {
  template <class V>
  static void run(const GlimpseShape& s, const float* numbers, const float* patch, const float* before, float* memory,
                  float* scratch, float* after) {
    using R = Rows<V>;
    const Grid grid(s, numbers);
    const Kept<float> kept(s, memory);
    R::filters(side_x(s, grid), kept.x);
    R::filters(side_y(s, grid), kept.y);
    const std::size_t n = s.size, row = s.row();
    for (std::size_t c = 0; c < s.channels; ++c) {
      std::fill_n(kept.of(c), kept.plane, 0.0F);
      for (std::size_t i = 0; i < n * n; ++i) {
        R::add(row, patch[c * n * n + i], kept.x + i % n * row, kept.of(c) + i / n * row);
      }
      for (std::size_t y = 0; y < s.height; ++y) {
        std::fill_n(scratch, row, 0.0F);
        for (std::size_t i = 0; i < n; ++i) {
          R::add(row, kept.y[i * s.column() + y] / grid.gamma, kept.of(c) + i * row, scratch);
        }
        const std::size_t place = (c * s.height + y) * s.width;
        for (std::size_t k = 0; k < s.width; ++k) after[place + k] = before[place + k] + scratch[k];
      }
    }
  }
};

struct StrokeBackward {
  template <class V>
  static void run(const GlimpseShape& s, const float* numbers, const float* patch, const float* memory,
                  const float* d_after, float* scratch, float* d_numbers, float* d_patch) {
    using R = Rows<V>;
    const Grid grid(s, numbers);
    const Kept<const float> kept(s, memory);
    const std::size_t n = s.size, row = s.row();
    float* const d_y = scratch;
    float* const d_x = d_y + n * s.column();
    float* const gathered = d_x + n * row;  // F_Y d_after / gamma, [N, row]
    float* const d_row = gathered + n * row;
    std::fill_n(scratch, n * (s.column() + 2 * row) + row, 0.0F);
    float d_log_gamma = 0;
    for (std::size_t c = 0; c < s.channels; ++c) {
      std::fill_n(gathered, n * row, 0.0F);
      for (std::size_t y = 0; y < s.height; ++y) {
        const float* const d = d_after + (c * s.height + y) * s.width;
        for (std::size_t k = 0; k < s.width; ++k) d_row[k] = d[k] / grid.gamma;
        for (std::size_t i = 0; i < n; ++i) {
          R::add(row, kept.y[i * s.column() + y], d_row, gathered + i * row);
          d_y[i * s.column() + y] += R::dot(row, kept.of(c) + i * row, d_row);
        }
      }
      for (std::size_t i = 0; i < n * n; ++i) {
        const float d = R::dot(row, gathered + i / n * row, kept.x + i % n * row);
        d_patch[c * n * n + i] += d;
        d_log_gamma -= d * patch[c * n * n + i];
        R::add(row, patch[c * n * n + i], gathered + i / n * row, d_x + i % n * row);
      }
    }
    R::grid_backward(s, grid, numbers, kept, d_y, d_x, d_log_gamma, d_numbers);
  }
};

}  // namespace

GlimpsePlace place_of(const GlimpseShape& shape, const float* numbers) {
  const Grid grid(shape, numbers);
  return {grid.centre_x - 0.5F, grid.centre_y - 0.5F, grid.distance, 1 / std::sqrt(grid.precision)};
}

void see(const GlimpseShape& shape, const float* numbers, const float* x, const float* canvas, float* kept,
         float* scratch, float* seen) {
  dispatch<See>(shape, numbers, x, canvas, kept, scratch, seen);
}

void see_backward(const GlimpseShape& shape, const float* numbers, const float* x, const float* canvas,
                  const float* kept, const float* seen, const float* d_seen, float* scratch, float* d_numbers,
                  float* d_canvas) {
  dispatch<SeeBackward>(shape, numbers, x, canvas, kept, seen, d_seen, scratch, d_numbers, d_canvas);
}

void stroke(const GlimpseShape& shape, const float* numbers, const float* patch, const float* before, float* kept,
            float* scratch, float* after) {
  dispatch<Stroke>(shape, numbers, patch, before, kept, scratch, after);
}

void stroke_backward(const GlimpseShape& shape, const float* numbers, const float* patch, const float* kept,
                     const float* d_after, float* scratch, float* d_numbers, float* d_patch) {
  dispatch<StrokeBackward>(shape, numbers, patch, kept, d_after, scratch, d_numbers, d_patch);
}

}  // namespace recur
