#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autograd/convolution.h"
#include "autograd/readout.h"
#include "base/error.h"
#include "nn/inputs/inputs.h"

namespace recur {

ConvolutionsInput::ConvolutionsInput(const ConvolutionsSpec& spec, const Fields& fields, Parameters& parameters,
                                     const std::string& prefix)
    : field_(field_named(fields, spec.field, "convolutions")),
      image_(field_as<ImageField>(fields, spec.field, "convolutions")) {
  constexpr std::size_t kMostChannels = 65'536;
  if (spec.layers == 0) fail("--convolutions: expected at least 1, got 0");
  std::size_t before = image_.channels(), channels = spec.channels;
  for (std::size_t layer = 0; layer < spec.layers; ++layer, before = channels, channels *= 2) {
    if (channels == 0 || channels > kMostChannels) {
      fail("--channels: expected from 1 to {} in each layer, got {} in layer {}", kMostChannels, channels, layer + 1);
    }
    const std::string name = prefix + "convolution." + std::to_string(layer);
    // Of what is positive half goes on (He et al. 2015).
    const auto start = InitialValues::within(std::sqrt(6 / (9 * static_cast<float>(before))));
    weights_.push_back(parameters.declare(name + ".weight", channels, 9 * before, start));
    biases_.push_back(parameters.declare(name + ".bias", 0, channels, InitialValues::constant(0)));
    channels_.push_back(channels);
  }
}

Sequence ConvolutionsInput::read(const Run& run, const Batch& batch) const {
  Tape& tape = run.tape;
  const FieldBatch& pixels = batch.fields[field_];
  const std::size_t pictures = pixels.steps.total();
  Grid grid{pictures, image_.height(), image_.width()};
  Var x = tape.add(grid.places(), image_.channels());
  std::ranges::copy(pixels.numbers, tape.value(x).data);
  for (std::size_t layer = 0; layer < weights_.size(); ++layer) {
    const Var seen = patches(tape, x, grid);
    grid = grid.halved();
    x = positive(tape, linear(tape, seen, run[weights_[layer]], run[biases_[layer]]));
  }
  // From picture after picture to place after place.
  const std::size_t places = grid.height * grid.width;
  const std::span<std::size_t> rows = tape.arena().take<std::size_t>(grid.places());
  for (std::size_t place = 0; place < places; ++place) {
    for (std::size_t picture = 0; picture < pictures; ++picture) {
      rows[place * pictures + picture] = picture * places + place;
    }
  }
  const Steps& steps = tape.keep(Steps::rectangle(pictures, places));
  return {select_rows(tape, x, rows), {}, &steps};
}

std::pair<std::string, std::string> ConvolutionsInput::describe() const {
  Grid grid{1, image_.height(), image_.width()};
  for (std::size_t layer = 0; layer < weights_.size(); ++layer) grid = grid.halved();
  return {"input", fmt::format("{} through {} convolutions, {} places of {}", image_.describe(), weights_.size(),
                               grid.places(), width())};
}

}  // namespace recur
