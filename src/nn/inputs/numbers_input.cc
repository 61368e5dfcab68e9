#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/threads.h"
#include "data/series_field.h"
#include "nn/inputs/inputs.h"

namespace recur {
namespace {

// A run of at most `longest` of `count` places, and where it begins; draws numbers 2 i and 2 i + 1 of the stream.
struct MaskedRun {
  MaskedRun(const Noise& noise, std::uint64_t i, std::size_t longest, std::size_t count) {
    const Random random = noise.stream();
    const auto below = [&](std::uint64_t number, std::size_t bound) {
      const float x = random.uniform(noise.position() + number);
      return std::min(static_cast<std::size_t>(x * static_cast<float>(bound)), bound - 1);
    };
    length = below(2 * i, std::min(longest, count) + 1);
    first = below(2 * i + 1, count - length + 1);
  }
  std::size_t first = 0, length = 0;
};

// Of a step of numbers, or of a series.
std::size_t width_of(const Field& field) {
  if (const auto* numbers = dynamic_cast<const NumbersField*>(&field)) return numbers->width();
  if (const auto* series = dynamic_cast<const SeriesField*>(&field)) return series->width();
  fail_wrong_field(field.name(), "numbers");
}

}  // namespace

NumbersInput::NumbersInput(const NumbersInputSpec& spec, const Fields& fields, Parameters& parameters,
                           const std::string& prefix)
    : field_(field_named(fields, spec.field, "numbers")),
      numbers_(*fields[field_]),
      width_(width_of(numbers_)),
      frames_(spec.frames),
      size_(spec.size) {
  if (frames_.speed > 0 && !numbers_.request().sound) {
    fail("--speed-perturbation: only sounds have a speed; leave it out");
  }
  if (size_ == 0) return;
  const std::size_t columns = width_ * frames_.stack;
  const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(columns)));
  weight_ = parameters.declare(prefix + "input.weight", size_, columns, start);
  bias_ = parameters.declare(prefix + "input.bias", 0, size_, start);
}

Sequence NumbersInput::read(const Run& run, const Batch& batch) const {
  Sequence x = vectors(run, batch);
  if (size_ > 0) x.values = linear(run.tape, x.values, run[weight_], run[bias_]);
  return x;
}

Sequence NumbersInput::vectors(const Run& run, const Batch& batch) const {
  const FieldBatch& numbers = batch.fields[field_];
  const Var x = run.tape.add(numbers.steps.total(), width_);
  const std::span<float> values(run.tape.value(x).data, numbers.numbers.size());
  std::ranges::copy(numbers.numbers, values.begin());
  if (run.tape.recording() && run.noise.active()) {
    mask(run.noise.child("input"), numbers.steps, values);
    add_noise(run.noise.child("input").child("noise"), values);
  }
  if (frames_.stack > 1) return stacked(run.tape, numbers.steps, values);
  return {x, {}, &numbers.steps};
}

void NumbersInput::mask(const Noise& noise, const Steps& steps, std::span<float> x) const {
  const std::size_t width = width_;
  const Noise times = noise.child("time masks"), columns = noise.child("frequency masks");
  parallel_for(steps.batch(), [&](std::size_t row) {
    const std::size_t length = steps.length_of(row);
    const auto step = [&](std::size_t t) {
      return x.begin() + static_cast<std::ptrdiff_t>((steps.offset(t) + row) * width);
    };
    for (std::size_t i = 0; i < frames_.time_masks; ++i) {
      const MaskedRun run(times, row * frames_.time_masks + i, std::min(frames_.time_mask, length / 5), length);
      for (std::size_t t = run.first; t < run.first + run.length; ++t) std::fill_n(step(t), width, 0.0F);
    }
    for (std::size_t i = 0; i < frames_.frequency_masks; ++i) {
      const MaskedRun run(columns, row * frames_.frequency_masks + i, frames_.frequency_mask, width);
      for (std::size_t t = 0; t < length; ++t) {
        std::fill_n(step(t) + static_cast<std::ptrdiff_t>(run.first), run.length, 0.0F);
      }
    }
  });
}

void NumbersInput::add_noise(const Noise& noise, std::span<float> x) const {
  if (frames_.noise == 0) return;
  const Random random = noise.stream();
  parallel_slices(x.size(), std::size_t{1} << 14, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) x[i] += frames_.noise * random.normal(noise.position() + i);
  });
}

Sequence NumbersInput::stacked(Tape& tape, const Steps& steps, std::span<const float> x) const {
  const std::size_t width = width_, stack = frames_.stack;
  std::vector<std::size_t> rows;
  for (std::size_t t = 0; t < steps.length(); t += stack) rows.push_back(steps.rows(t));
  const Steps& to_steps = tape.keep(Steps(rows));
  const Var y = tape.add(to_steps.total(), width * stack);
  float* to = tape.value(y).data;
  for (std::size_t t = 0; t < to_steps.length(); ++t) {
    for (std::size_t row = 0; row < to_steps.rows(t); ++row) {
      for (std::size_t from = t * stack; from < (t + 1) * stack; ++from, to += width) {
        if (from < steps.length() && row < steps.rows(from)) {
          std::copy_n(x.data() + (steps.offset(from) + row) * width, width, to);
        } else {
          std::fill_n(to, width, 0.0F);
        }
      }
    }
  }
  return {y, {}, &to_steps};
}

std::pair<std::string, std::string> NumbersInput::describe() const {
  std::string text = numbers_.describe();
  if (frames_.stack > 1) text += fmt::format(", {} stacked", frames_.stack);
  if (size_ > 0) text += fmt::format(", as vectors of {}", size_);
  return {"input", text};
}

PixelsInput::PixelsInput(const PixelsSpec& spec, const Fields& fields)
    : field_(field_named(fields, spec.field, "pixels")), image_(field_as<ImageField>(fields, spec.field, "pixels")) {}

Sequence PixelsInput::read(const Run& run, const Batch& batch) const {
  const FieldBatch& pixels = batch.fields[field_];
  const Var x = run.tape.add(pixels.steps.total(), width());
  std::ranges::copy(pixels.numbers, run.tape.value(x).data);
  return {x, {}, &pixels.steps};
}

}  // namespace recur
