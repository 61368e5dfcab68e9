#include "autograd/convolution.h"

#include <gtest/gtest.h>

#include "autograd/readout.h"
#include "support/gradient_check.h"

namespace recur::convolution_test {
namespace {

// As the definition has it: channel c of what the filter's place (i, j) sees when it stands at (2 y, 2 x).
float seen(const std::vector<float>& x, const Grid& grid, std::size_t channels, std::size_t picture, std::size_t y,
           std::size_t place, std::size_t i, std::size_t j, std::size_t c) {
  const auto row = static_cast<std::ptrdiff_t>(2 * y + i) - 1, column = static_cast<std::ptrdiff_t>(2 * place + j) - 1;
  if (row < 0 || column < 0 || row >= static_cast<std::ptrdiff_t>(grid.height) ||
      column >= static_cast<std::ptrdiff_t>(grid.width)) {
    return 0;
  }
  const std::size_t at = (picture * grid.height + static_cast<std::size_t>(row)) * grid.width;
  return x[(at + static_cast<std::size_t>(column)) * channels + c];
}

TEST(Convolution, PatchesAreWhatAFilterSees) {
  for (const auto& [height, width] : {std::pair<std::size_t, std::size_t>(4, 5), {1, 1}, {3, 2}}) {
    const Grid grid{2, height, width}, half = grid.halved();
    const std::size_t channels = 3;
    std::vector<float> x = random_floats(grid.places() * channels, 1, 7);
    Tape tape(false);
    const Matrix y = tape.value(patches(tape, tape.add(x.data(), grid.places(), channels), grid));
    ASSERT_EQ(y.rows, half.places());
    ASSERT_EQ(y.columns, 9 * channels);
    for (std::size_t row = 0; row < y.rows; ++row) {
      const std::size_t picture = row / (half.height * half.width), place = row % (half.height * half.width);
      for (std::size_t k = 0; k < y.columns; ++k) {
        const float wanted = seen(x, grid, channels, picture, place / half.width, place % half.width, k / channels / 3,
                                  k / channels % 3, k % channels);
        ASSERT_EQ(y.data[row * y.columns + k], wanted) << height << " x " << width << ", " << row << ", " << k;
      }
    }
  }
}

struct Problem {
  Grid grid;
  std::size_t channels;
  std::vector<float> targets;

  double operator()(Tape& tape, std::vector<std::vector<float>>& arrays,
                    std::vector<std::vector<float>>& gradients) const {
    const Var x = tape.add(arrays[0].data(), grid.places(), channels);
    const double number = squared_error(tape, positive(tape, patches(tape, x, grid)), targets, 1);
    if (!tape.recording()) return number;
    tape.backward();
    std::copy_n(tape.gradient(x).data, gradients[0].size(), gradients[0].begin());
    return number;
  }
};

Problem problem(const Grid& grid, std::size_t channels) {
  return {grid, channels, random_floats(grid.halved().places() * 9 * channels, 1, 3)};
}

TEST(Convolution, GradientsAgreeWithDifferences) {
  for (const Grid& grid : {Grid{2, 4, 5}, Grid{1, 1, 1}, Grid{1, 3, 6}}) {
    std::vector<float> x = random_floats(grid.places() * 2, 1, 9);
    for (float& one : x) one += one > 0 ? 0.1F : -0.1F;  // none near the corner of what is positive
    expect_gradients(problem(grid, 2), {x}, 1e-4);
  }
}

TEST(Convolution, TheNumberOfThreadsChangesNoBit) {
  const Grid grid{7, 40, 33};
  expect_same_on_any_threads(problem(grid, 5), {random_floats(grid.places() * 5, 1, 9)});
}

}  // namespace
}  // namespace recur::convolution_test
