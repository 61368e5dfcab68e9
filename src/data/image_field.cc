#include "data/image_field.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "data/frames/pixels.h"

namespace recur {
namespace {

constexpr double kBytes = 255;  // the most of pictures of bytes

// Pictures in files are scaled to the size that was learned from whatever there was.
FieldRequest request_of(const FieldSpec& spec, const std::optional<ImageField::Size>& size) {
  FieldRequest request{spec.name, CellKind::frames, spec.answer};
  request.image = std::get<ImageSpec>(spec.kind);
  if (size) {
    request.image->height = size->height;
    request.image->width = size->width;
  }
  return request;
}

std::string text_of(const ImageField::Size& size) {
  return fmt::format("{} x {}{}", size.height, size.width, size.channels == 1 ? "" : " in colour");
}

}  // namespace

ImageField::ImageField(const FieldSpec& spec, std::optional<Size> size)
    : Field(spec, request_of(spec, size)), spec_(std::get<ImageSpec>(spec.kind)), size_(size) {}

ImageField::Size ImageField::size_of(const Source& source, const Numbers& numbers) const {
  const std::size_t count = numbers.values.size(), channels = spec_.colour ? 3 : 1;
  if (count == 0) source.fail(empty_problem(source, numbers));
  Size size{numbers.steps(), numbers.width / channels, channels};
  if (size.height == 1 || numbers.width == 1) {  // all pixels in a row: a square
    size.height = size.width = static_cast<std::size_t>(std::lround(std::sqrt(count / channels)));
  }
  if (size.height * size.width * channels != count) {
    source.fail(fmt::format("expected rows of {} as \"{}\", got {} numbers in {} rows",
                            channels == 1 ? "numbers" : "red, green and blue", name(), count, numbers.steps()));
  }
  if (size_ && (size.height != size_->height || size.width != size_->width)) {
    source.fail(fmt::format("expected a picture of {}, as the others are, got {}", text_of(*size_), text_of(size)));
  }
  return size;
}

void ImageField::learn(const Source& source, const Cell& cell) {
  const Numbers& numbers = std::get<Numbers>(cell);
  const Size size = size_of(source, numbers);
  if (!size_) size_ = size;
  for (const double x : numbers.values) {
    if (!(x >= 0 && x <= kBytes)) source.fail(fmt::format("expected numbers from 0 to 1, or to 255, got {}", x));
    if (x > 1) size_->most = kBytes;
    fractions_ = fractions_ || x != std::floor(x);
  }
}

bool ImageField::finish_pass(const std::string& data) {
  if (fractions_ && size_->most > 1) {
    fail(
        "{}: pictures with numbers that are not whole, and with some above 1; expected all from 0 to 1, or whole ones "
        "to 255",
        data);
  }
  return false;
}

void ImageField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const Numbers& numbers = std::get<Numbers>(cell);
  to.length = numbers.values.empty() ? 0 : 1;
  if (to.length == 0) return;
  size_of(source, numbers);
  to.numbers.clear();
  const double white = white_of(numbers.values);
  for (const double x : numbers.values) {
    if (!(x >= 0 && x <= std::min(white, size_->most))) {
      source.fail(fmt::format("expected numbers from 0 to {}, as the model has learned from, got {}", size_->most, x));
    }
    if (white > 1 && x != std::floor(x)) {
      source.fail(fmt::format("expected numbers from 0 to 1, or whole ones to 255, got {} and some above 1", x));
    }
    to.numbers.push_back(x / white);
  }
}

std::string ImageField::empty_problem(const Source& /*source*/, const Cell& /*cell*/) const {
  return fmt::format("the {} is empty; expected a picture", name());
}

void ImageField::add(const Cell& /*cell*/, const Encoded& encoded, std::size_t /*most*/, bool /*texts*/,
                     Column& to) const {
  std::vector<float> values;
  for (const double x : encoded.numbers) values.push_back(static_cast<float>(x));
  to.numbers.add(values);
}

void ImageField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  pack_steps(column.numbers, records, to, to.numbers, pixels());
}

Cell ImageField::cell(const Column& column, std::size_t record) const {
  const std::span<const float> values = column.numbers[record];
  return Numbers{{values.begin(), values.end()}, width() * channels()};
}

void ImageField::write(nlohmann::json& configuration) const {
  configuration[key_of({.name = name(), .kind = spec_})] = {
      {"height", height()}, {"width", width()}, {"channels", channels()}, {"most", size_->most}};
}

std::string ImageField::describe() const { return "pictures of " + text_of(*size_); }

ImageField::Size read_image_size(const FieldSpec& spec, const nlohmann::json& configuration) {
  const std::string key = ImageField::key_of(spec);
  const ReadFields read{ReadFields{configuration}.object_at(key.c_str())};
  ImageField::Size size;
  read("height", size.height);
  read("width", size.width);
  read("channels", size.channels);
  read("most", size.most);
  const std::size_t channels = std::get<ImageSpec>(spec.kind).colour ? 3 : 1;
  const bool right = size.height > 0 && size.width > 0 && size.height <= kMostPixels && size.width <= kMostPixels &&
                     size.height * size.width <= kMostPixels && size.channels == channels &&
                     (size.most == 1 || size.most == kBytes);
  if (!right) fail("its configuration's '{}' is no size of a picture", key);
  return size;
}

}  // namespace recur
