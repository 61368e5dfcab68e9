// A model's parameters: one flat buffer of values and one of gradients, with named views. The optimiser, clipping and
// the checkpoint are one pass over a buffer each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "autograd/tape.h"

namespace recur {

// How a parameter starts.
struct InitialValues {
  // orthogonal, identity: every block of `block_rows` rows is an orthogonal matrix (or has orthonormal rows or columns,
  // when it is not square), or the identity.
  enum class Kind { uniform, orthogonal, identity } kind = Kind::uniform;
  float low = 0, high = 0;  // uniform
  std::size_t block_rows = 0;
  bool fixed = false;  // not even --init-range changes it

  static InitialValues within(float range) { return {Kind::uniform, -range, range, 0, false}; }
  static InitialValues constant(float value) { return {Kind::uniform, value, value, 0, true}; }
};

// Parameters [begin, end) of the flat buffer, which are trained at this factor of the learning rate; before, when they
// were frozen, the others took so many steps.
struct TrainedRange {
  std::size_t begin = 0, end = 0;
  float factor = 1;
  std::uint64_t frozen_steps = 0;
};

class Parameters {
 public:
  using Id = std::size_t;

  struct Declaration {
    std::string name;
    std::vector<std::int64_t> shape;  // as in the model file
    InitialValues initial;
    bool transposed;           // kept in memory as [columns, rows]
    std::size_t offset, size;  // in the flat buffers
    // What its rows, as they lie in memory, stand for, one after the other, perhaps several times: the tokens or names
    // of this vocabulary; empty: nothing. So may the columns.
    std::string vocabulary = {};
    bool columns_too = false;
  };

  // A matrix [rows, columns], or a vector when rows is 0. All declarations come before allocate(). Throws
  // std::bad_alloc when all together are more than any memory holds.
  Id declare(std::string name, std::size_t rows, std::size_t columns, const InitialValues& initial,
             bool transposed = false);
  // After initialise(), elements [first, first + count) of a parameter are larger by `shift`.
  void shift_start(Id id, std::size_t first, std::size_t count, float shift);
  void name_rows(Id id, const std::string& vocabulary, bool columns_too = false);
  // Those of declarations from `first` on that are kept transposed: one-hot tokens are read with them.
  void name_one_hot_rows(Id first, const std::string& vocabulary);
  void allocate();

  // Random initial values from the seed; with a range, all parameters are uniform in [-range, range].
  void initialise(std::uint64_t seed, std::optional<float> range);

  // One for the operations of a tape, which only read the values.
  Parameter operator[](Id id) const;
  const float* value(Id id) const { return values_.data() + declarations_[id].offset; }
  // One to be written to.
  Matrix matrix(Id id);
  // Rows and columns as it lies in memory; a vector is a column.
  static std::pair<std::size_t, std::size_t> extents(const Declaration& declaration);

  const std::vector<Declaration>& declarations() const { return declarations_; }
  std::size_t count() const { return values_.size(); }
  std::span<float> values() { return values_; }
  std::span<const float> values() const { return values_; }
  std::span<float> gradients() { return {gradients_.get(), values_.size()}; }
  // The same values, with gradients of their own, all zero.
  Parameters with_own_gradients() const;

 private:
  struct Shift {
    Id id;
    std::size_t first, count;
    float by;
  };
  std::vector<Declaration> declarations_;
  std::vector<Shift> shifts_;
  std::vector<float> values_;
  // No part of a constant model: many tapes that do not record may read the values at once; of those that record,
  // whose backward() adds to the gradients, there is one at a time.
  std::unique_ptr<float[]> gradients_;
};

}  // namespace recur
