// Pictures, all of one size: numbers from 0 to 1, or, where one of the picture's is above 1, whole ones to 255.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "data/field.h"

namespace recur {

class ImageField : public Field {
 public:
  struct Size {
    std::size_t height = 0, width = 0, channels = 1;
    double most = 1;  // of the numbers learned from: 1 or 255
  };
  ImageField(const FieldSpec& spec, std::optional<Size> size);

  // Under which write() has its size.
  static std::string key_of(const FieldSpec& spec) { return spec.name + "_size"; }

  std::size_t height() const { return size_->height; }
  std::size_t width() const { return size_->width; }
  std::size_t channels() const { return size_->channels; }
  // Numbers of a picture, [height, width, channels].
  std::size_t pixels() const { return height() * width() * channels(); }

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  std::string empty_problem(const Source& source, const Cell& cell) const override;
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  // A picture is one step.
  std::size_t length(const Column& /*column*/, std::size_t /*record*/) const override { return 1; }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  // Of numbers from 0 to 1, a row a step.
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  // Throws Error of what is no picture, or of another size than those before.
  Size size_of(const Source& source, const Numbers& numbers) const;

  ImageSpec spec_;
  std::optional<Size> size_;
  bool fractions_ = false;  // while it learns: whether some numbers are not whole
};

// What such a field wrote. Throws Error for whatever that cannot be.
ImageField::Size read_image_size(const FieldSpec& spec, const nlohmann::json& configuration);

}  // namespace recur
