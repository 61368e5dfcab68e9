#include "autograd/glimpse.h"

#include <algorithm>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/focal.h"
#include "kernels/latent.h"

namespace recur {
namespace {

constexpr std::size_t kPictureSlice = 8;  // pictures that are a slice of work

// Memory of each worker.
class WorkerScratch {
 public:
  WorkerScratch(Tape& tape, std::size_t each) : each_(each), all_(tape.scratch().take<float>(thread_count(), each)) {}
  float* of(std::size_t worker) const { return all_.data() + worker * each_; }

 private:
  std::size_t each_;
  std::span<float> all_;
};

// Calls work(row, worker) for all rows, in parallel.
template <class Work>
void for_rows(std::size_t rows, const Work& work) {
  parallel_slices(rows, kPictureSlice, [&](std::size_t first, std::size_t last, std::size_t worker) {
    for (std::size_t row = first; row < last; ++row) call_work(work, worker, row);
  });
}

}  // namespace

Var see(Tape& tape, const GlimpseShape& shape, Var numbers, Var x, Var canvas) {
  const std::size_t rows = tape.value(x).rows, pixels = shape.pixels(), patch = 2 * shape.patch();
  constexpr std::size_t kNumbers = GlimpseShape::kNumbers;
  const Var seen = tape.add(rows, patch);
  tape.scratch().rewind();
  const bool recording = tape.recording();
  const WorkerScratch scratch(tape, shape.scratch() + shape.kept());
  float* const kept = tape.arena().take<float>(recording ? rows : 0, shape.kept()).data();
  const float *where = tape.value(numbers).data, *picture = tape.value(x).data, *drawn = tape.value(canvas).data;
  float* const to = tape.value(seen).data;
  for_rows(rows, [&](std::size_t row, std::size_t worker) {
    float* const own = recording ? kept + row * shape.kept() : scratch.of(worker) + shape.scratch();
    see(shape, where + row * kNumbers, picture + row * pixels, drawn + row * pixels, own, scratch.of(worker),
        to + row * patch);
  });
  tape.record([shape, numbers, x, canvas, seen, kept](Tape& t) {
    if (!t.has_gradient(seen)) return;
    const std::size_t each = shape.pixels(), width = 2 * shape.patch();
    const float *at = t.value(numbers).data, *from = t.value(x).data, *on = t.value(canvas).data;
    const float *value = t.value(seen).data, *d = t.gradient(seen).data;
    float *d_numbers = t.gradient(numbers).data, *d_canvas = t.gradient(canvas).data;
    const WorkerScratch own(t, shape.scratch());
    for_rows(t.value(x).rows, [&](std::size_t row, std::size_t worker) {
      see_backward(shape, at + row * kNumbers, from + row * each, on + row * each, kept + row * shape.kept(),
                   value + row * width, d + row * width, own.of(worker), d_numbers + row * kNumbers,
                   d_canvas + row * each);
    });
  });
  return seen;
}

Var stroke(Tape& tape, const GlimpseShape& shape, Var what, Var canvas) {
  const Matrix from = tape.value(what), before = tape.value(canvas);
  const bool recording = tape.recording();
  const Var after = recording ? tape.add(before.rows, before.columns) : canvas;
  tape.scratch().rewind();
  const WorkerScratch scratch(tape, shape.scratch() + shape.kept());
  float* const kept = tape.arena().take<float>(recording ? before.rows : 0, shape.kept()).data();
  float* const to = tape.value(after).data;
  for_rows(before.rows, [&](std::size_t row, std::size_t worker) {
    float* const own = recording ? kept + row * shape.kept() : scratch.of(worker) + shape.scratch();
    const float* const numbers = from.data + row * from.columns;
    stroke(shape, numbers, numbers + GlimpseShape::kNumbers, before.data + row * before.columns, own,
           scratch.of(worker), to + row * before.columns);
  });
  tape.record([shape, what, canvas, after, kept](Tape& t) {
    if (!t.has_gradient(after)) return;
    const Matrix d = t.gradient(after), given = t.value(what);
    float *d_what = t.gradient(what).data, *d_canvas = t.gradient(canvas).data;
    const WorkerScratch own(t, shape.scratch());
    for_rows(d.rows, [&](std::size_t row, std::size_t worker) {
      const float* const numbers = given.data + row * given.columns;
      float* const d_numbers = d_what + row * given.columns;
      const float* const d_row = d.data + row * d.columns;
      stroke_backward(shape, numbers, numbers + GlimpseShape::kNumbers, kept + row * shape.kept(), d_row,
                      own.of(worker), d_numbers, d_numbers + GlimpseShape::kNumbers);
      accumulate_elements(d.columns, d_row, d_canvas + row * d.columns);
    });
  });
  return after;
}

Var see_whole(Tape& tape, Var x, Var canvas) {
  const Matrix picture = tape.value(x), drawn = tape.value(canvas);
  const std::size_t pixels = picture.columns;
  const Var y = tape.add(picture.rows, 2 * pixels);
  float* const to = tape.value(y).data;
  for_rows(picture.rows, [&](std::size_t row) {
    const float* const from = picture.data + row * pixels;
    std::copy_n(from, pixels, to + 2 * row * pixels);
    subtract_sigmoids(pixels, from, drawn.data + row * pixels, to + (2 * row + 1) * pixels);
  });
  tape.record([canvas, y](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix d = t.gradient(y), on = t.value(canvas), d_canvas = t.gradient(canvas);
    for_rows(d.rows, [&](std::size_t row) {
      subtract_sigmoids_backward(on.columns, on.data + row * on.columns, d.data + row * d.columns + on.columns,
                                 d_canvas.data + row * on.columns);
    });
  });
  return y;
}

Var draw_latent(Tape& tape, Var distribution, const float* noise, float scale, std::span<double> nats) {
  const Matrix q = tape.value(distribution);
  const std::size_t n = q.columns / 2;
  const Var z = tape.add(q.rows, n);
  float* const to = tape.value(z).data;
  for_rows(q.rows, [&](std::size_t row) {
    const float* const mean = q.data + row * q.columns;
    nats[row] += draw_normal_numbers(n, mean, mean + n, noise + row * n, to + row * n);
  });
  tape.record([distribution, z, noise, scale](Tape& t) {
    const Matrix value = t.value(distribution), d_z = t.gradient(z), d = t.gradient(distribution);
    for_rows(d.rows, [&](std::size_t row) {
      const float* const mean = value.data + row * value.columns;
      float* const d_mean = d.data + row * d.columns;
      const std::size_t width = d_z.columns;
      draw_normal_numbers_backward(width, mean, mean + width, noise + row * width, d_z.data + row * width, scale,
                                   d_mean, d_mean + width);
    });
  });
  return z;
}

void bernoulli_loss(Tape& tape, Var logits, Var x, float scale, std::span<double> nats, float focal) {
  const Matrix a = tape.value(logits);
  const float* const p = tape.value(x).data;
  for_rows(a.rows, [&](std::size_t row) {
    nats[row] += bernoulli_loss(a.columns, a.data + row * a.columns, p + row * a.columns);
  });
  tape.record([logits, x, scale, focal](Tape& t) {
    const Matrix value = t.value(logits), wanted = t.value(x), d = t.gradient(logits);
    for_rows(d.rows, [&](std::size_t row) {
      const float *const own = value.data + row * d.columns, *const target = wanted.data + row * d.columns;
      float* const to = d.data + row * d.columns;
      if (focal > 0) {
        focal_loss_backward(d.columns, own, target, focal, scale, to);
      } else {
        bernoulli_loss_backward(d.columns, own, target, scale, to);
      }
    });
  });
}

}  // namespace recur
