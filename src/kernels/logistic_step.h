// The inner loop of training word vectors: one step of logistic regression with several inputs that share their
// targets.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace recur {

// Floats of a row, such that rows are whole SIMD vectors at every width. What is behind the numbers of a row is zero
// and stays zero.
constexpr std::size_t padded_row(std::size_t width) { return (width + 15) / 16 * 16; }

// Tables of word vectors are trained by several threads that do not wait for each other (Recht, Re, Wright & Niu 2011,
// "Hogwild!"): rows are read and written here, and here alone, without locks. An addition of one thread can get lost
// when another adds to the same row; what is read is always a number that somebody wrote. In C++'s terms this is a
// race; where a thread sanitizer looks, single floats are read and written as relaxed atomics.

// to [stride] = scale times the sum of rows of a table [.., stride].
void sum_rows(const float* table, std::size_t stride, std::span<const int> rows, float scale, float* to);
// Adds scale times `d` [stride] to each of the rows.
void add_to_rows(float* table, std::size_t stride, std::span<const int> rows, float scale, const float* d);

class LogisticStep {
 public:
  // For rows of padded_row(width) floats.
  explicit LogisticStep(std::size_t stride) : stride_(stride) {}

  // Memory for so many inputs: [inputs, stride], to be filled before run().
  float* inputs(std::size_t count);
  // Where the target rows of the next run() are, and whether it is to be told (1) or not (0).
  struct Target {
    int row;
    float label;
  };
  std::vector<Target>& targets() { return targets_; }

  // For each input x and each target, whose row of `table` is y, the loss is -log s(x y) where the label is 1, or
  // -log(1 - s(x y)) where it is 0, s the logistic function. Adds -rate times the gradient of the sum of all losses to
  // the rows, all taken at the values before, and leaves the same for the inputs in changes(). Returns that sum.
  double run(float* table, float rate);
  // [inputs, stride]
  const float* changes() const { return changes_.data(); }

 private:
  std::size_t stride_, inputs_ = 0;
  std::vector<Target> targets_;
  std::vector<float> x_, changes_;  // [inputs, stride]
  std::vector<float> y_;            // [targets, stride]
  std::vector<float> labels_;       // [targets, up to a multiple of 16], those behind are 1
  std::vector<float> errors_;       // [inputs, the same]: x y, then rate (label - s(x y))
};

}  // namespace recur
