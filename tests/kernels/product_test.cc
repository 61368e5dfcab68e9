// Products of small integers are exact in float, so plain loops must give the very same numbers.
#include "kernels/product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "support/random.h"
#include "support/settings.h"

namespace recur::product_test {
namespace {

using From = ProductStart::From;

constexpr std::size_t kRows[] = {1, 2, 3, 4, 5, 6, 7};
constexpr std::size_t kColumns[] = {1, 15, 16, 17, 63, 64, 65, 80};
constexpr std::size_t kDepths[] = {1, 3, 512, 513, 1024, 1025, 2100};
constexpr float kUntouched = 12345;

// Rows with a gap after each, which nobody may read (NaN) or write (kUntouched).
struct Rows {
  std::size_t rows, columns, stride;
  std::vector<float> data;

  Rows(std::size_t rows_, std::size_t columns_, std::size_t gap, float in_gap, std::uint64_t seed)
      : rows(rows_), columns(columns_), stride(columns_ + gap), data(random_integers(rows_ * stride, seed)) {
    for (std::size_t r = 0; r < rows; ++r) std::fill_n(data.begin() + offset(r, columns), gap, in_gap);
  }
  std::ptrdiff_t offset(std::size_t r, std::size_t c) const { return static_cast<std::ptrdiff_t>(r * stride + c); }
  float& at(std::size_t r, std::size_t c) { return data[r * stride + c]; }
  float at(std::size_t r, std::size_t c) const { return data[r * stride + c]; }
  operator ConstMatrix() const { return {data.data(), rows, columns, stride}; }
  operator Matrix() { return {data.data(), rows, columns, stride}; }
};

Rows source(std::size_t rows, std::size_t columns, std::uint64_t seed, std::size_t gap = 3) {
  return {rows, columns, gap, std::numeric_limits<float>::quiet_NaN(), seed};
}
Rows result(std::size_t rows, std::size_t columns) { return {rows, columns, 5, kUntouched, 3}; }

// c += a b
void add_product(const Rows& a, const Rows& b, Rows& c) {
  std::vector<double> row(c.columns);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < c.columns; ++j) row[j] = c.at(i, j);
    for (std::size_t k = 0; k < a.columns; ++k) {
      for (std::size_t j = 0; j < c.columns; ++j) row[j] += static_cast<double>(a.at(i, k)) * b.at(k, j);
    }
    for (std::size_t j = 0; j < c.columns; ++j) c.at(i, j) = static_cast<float>(row[j]);
  }
}

Rows transpose(const Rows& m) {
  Rows transposed = source(m.columns, m.rows, 1, 2);
  for (std::size_t r = 0; r < m.rows; ++r) {
    for (std::size_t c = 0; c < m.columns; ++c) transposed.at(c, r) = m.at(r, c);
  }
  return transposed;
}

// c += a^T b, and the sums of a's columns.
void add_transposed(const Rows& a, const Rows& b, Rows& c, Arena& arena, std::vector<float>* sums = nullptr) {
  const TransposedProduct product{pack(b, arena), c};
  accumulate_transposed(a, {&product, 1}, sums == nullptr ? nullptr : sums->data());
}

// What a product starts from: c as it is, zero, or the bias in every row.
Rows started(const Rows& c, const ProductStart& start) {
  Rows result = c;
  for (std::size_t r = 0; r < c.rows && start.from != From::result; ++r) {
    for (std::size_t j = 0; j < c.columns; ++j) result.at(r, j) = start.from == From::bias ? start.bias[j] : 0;
  }
  return result;
}

std::vector<ProductStart> every_start(const std::vector<float>& bias) {
  return {{From::zero}, {From::bias, bias.data()}, {From::result}};
}

// Calls visit(a [rows, depth], b [depth, columns], c [rows, columns]) for each SIMD level and all sizes.
void for_each_product(const std::function<void(const Rows&, const Rows&, const Rows&)>& visit) {
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    for (const std::size_t rows : kRows) {
      for (const std::size_t columns : kColumns) {
        for (const std::size_t depth : kDepths) {
          SCOPED_TRACE(testing::Message() << simd_name(level) << ": [" << rows << ", " << depth << "] by [" << depth
                                          << ", " << columns << "]");
          visit(source(rows, depth, 1), source(depth, columns, 2), result(rows, columns));
        }
      }
    }
  }
}

TEST(Product, MultiplyEqualsPlainLoops) {
  for_each_product([](const Rows& a, const Rows& b, const Rows& c) {
    const std::vector<float> bias = random_integers(b.columns, 4);
    Arena arena;
    const PackedMatrix packed = pack(b, arena);
    for (const ProductStart& start : every_start(bias)) {
      Rows expected = started(c, start), actual = c;
      add_product(a, b, expected);
      multiply(a, packed, start, actual);
      EXPECT_EQ(actual.data, expected.data) << "start " << static_cast<int>(start.from);
    }
  });
}

TEST(Product, MultiplyBlockWritesItsPanelsOnly) {
  for_each_product([](const Rows& a, const Rows& b, const Rows& c) {
    const std::vector<float> bias = random_integers(b.columns, 4);
    Arena arena;
    const PackedMatrix packed = pack_transposed(transpose(b), arena);
    const ProductStart start{From::bias, bias.data()};
    Rows product = started(c, start);
    add_product(a, b, product);
    for (std::size_t first = 0; first < packed.panels(); first += 2) {
      const std::size_t begin = first * PackedMatrix::kPanel;
      const std::size_t end = std::min(begin + 2 * PackedMatrix::kPanel, b.columns);
      Rows expected = c, actual = c;
      for (std::size_t r = 0; r < c.rows; ++r) {
        for (std::size_t j = begin; j < end; ++j) expected.at(r, j) = product.at(r, j);
      }
      multiply_block(a, packed, first, 2, start, &actual.at(0, begin), actual.stride);
      EXPECT_EQ(actual.data, expected.data) << "from panel " << first;
    }
  });
}

TEST(Product, AccumulateTransposedEqualsPlainLoops) {
  for_each_product([](const Rows& a, const Rows& b, const Rows& c) {
    Arena arena;
    Rows expected = c, actual = c;
    add_product(a, b, expected);
    add_transposed(transpose(a), b, actual, arena);
    EXPECT_EQ(actual.data, expected.data);
  });
}

// More rows than a slice holds, on several threads.
TEST(Product, ManyRowsEqualPlainLoops) {
  const WithThreads set(3);
  struct Size {
    std::size_t rows, depth, columns;
  };
  constexpr Size kSizes[] = {{24, 33, 40},    {25, 33, 40},     {97, 33, 40},
                             {333, 1090, 40}, {100, 1090, 300}, {1000, 33, 40}};
  for (const auto& [rows, depth, columns] : kSizes) {
    SCOPED_TRACE(testing::Message() << rows << ", " << depth << ", " << columns);
    const Rows a = source(rows, depth, 1), b = source(depth, columns, 2), c = result(rows, columns);
    Arena arena;
    Rows expected = c, product = c, transposed = c;
    add_product(a, b, expected);
    multiply(a, pack(b, arena), {From::result}, product);
    EXPECT_EQ(product.data, expected.data);
    add_transposed(transpose(a), b, transposed, arena);
    EXPECT_EQ(transposed.data, expected.data);
  }
}

// Rows so far apart are copied before they are multiplied.
TEST(Product, RowsAPowerOfTwoApartEqualPlainLoops) {
  const Rows a = source(101, 2044, 1, 4), b = source(2044, 200, 2), c = result(101, 200);
  Arena arena;
  Rows expected = c, actual = c;
  add_product(a, b, expected);
  multiply(a, pack(b, arena), {From::result}, actual);
  EXPECT_EQ(actual.data, expected.data);
}

TEST(Product, ProductsThatShareAMatrixEqualEachAlone) {
  const WithThreads set(2);
  const Rows a = transpose(source(110, 1050, 1)), b = source(1050, 20, 2), other = source(1050, 37, 3);
  Arena arena;
  Rows c = result(110, 20), c_other = result(110, 37), expected = c, expected_other = c_other;
  std::vector<float> sums = random_integers(110, 4), expected_sums = sums;
  add_transposed(a, b, expected, arena);
  add_transposed(a, other, expected_other, arena);
  accumulate_column_sums(a, expected_sums.data());
  const std::array<TransposedProduct, 2> products = {{{pack(b, arena), c}, {pack(other, arena), c_other}}};
  accumulate_transposed(a, products, sums.data());
  EXPECT_EQ(c.data, expected.data);
  EXPECT_EQ(c_other.data, expected_other.data);
  EXPECT_EQ(sums, expected_sums);
  accumulate_transposed(a, {}, expected_sums.data());
  accumulate_column_sums(a, sums.data());
  EXPECT_EQ(sums, expected_sums);
}

// Whole panels that lie together are multiplied where they are, all others packed.
TEST(Product, FewColumnsThatLieTogetherAreNotCopied) {
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    for (const std::size_t columns :
         {std::size_t{16}, std::size_t{48}, std::size_t{112}, std::size_t{128}, std::size_t{40}, std::size_t{144}}) {
      for (const std::size_t depth : {1, 33, 1090}) {
        SCOPED_TRACE(testing::Message() << simd_name(level) << ": [" << depth << ", " << columns << "]");
        const Rows a = source(25, depth, 1), b = source(depth, columns, 2, 0), c = result(25, columns);
        Arena arena;
        const PackedMatrix left = pack_if_wide(b, arena);
        EXPECT_EQ(left.data == b.data.data(), columns % PackedMatrix::kPanel == 0 && columns <= 128);
        Rows expected = c, product = c, transposed = c;
        add_product(a, b, expected);
        multiply(a, left, {From::result}, product);
        EXPECT_EQ(product.data, expected.data);
        const TransposedProduct of_transpose{left, transposed};
        accumulate_transposed(transpose(a), {&of_transpose, 1}, nullptr);
        EXPECT_EQ(transposed.data, expected.data);
      }
    }
  }
  const Rows apart = source(33, 48, 2);
  Arena arena;
  EXPECT_NE(pack_if_wide(apart, arena).data, apart.data.data());
}

// The rows of m in some ranges, as a matrix of their own.
Rows rows_in(const Rows& m, const std::vector<RowRange>& ranges, std::size_t rows) {
  Rows of = source(rows, m.columns, 1, 0);
  std::size_t to = 0;
  for (const RowRange& range : ranges) {
    for (std::size_t r = range.first; r < range.last; ++r, ++to) {
      for (std::size_t c = 0; c < m.columns; ++c) of.at(to, c) = m.at(r, c);
    }
  }
  EXPECT_EQ(to, rows);
  return of;
}

// Ranges of rows, wherever they lie in A and in B, give the same as if they lay together.
TEST(Product, RangesOfRowsEqualTheirCopies) {
  struct Case {
    const char* name;
    std::vector<RowRange> of_a, of_b;
    std::size_t rows;
    bool even;
  };
  std::vector<RowRange> runs, shifted, ragged;
  for (std::size_t i = 0; i < 12; ++i) {
    runs.push_back({200 * i, 200 * i + 100});
    shifted.push_back({200 * i + 30, 200 * i + 130});
    ragged.push_back({100 * i, 110 * i});
  }
  const std::vector<Case> cases = {{"one", {{7, 1207}}, {{11, 1211}}, 1200, true},
                                   {"even", runs, shifted, 1200, true},
                                   {"long", {{0, 600}, {700, 1300}}, {{0, 600}, {700, 1300}}, 1200, false},
                                   {"of other lengths", {{0, 660}}, ragged, 660, false},
                                   {"at other distances", {{0, 90}}, {{0, 30}, {40, 70}, {90, 120}}, 90, false}};
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    for (const Case& c : cases) {
      for (const std::size_t columns : {64, 37}) {
        SCOPED_TRACE(testing::Message() << simd_name(level) << ": " << c.name << ", " << columns << " columns");
        const Rows a = source(2500, 90, 1), b = source(2500, columns, 2, 0), before = result(90, columns);
        Arena arena;
        Rows expected = before, actual = before;
        std::vector<float> expected_sums(90), sums(90);
        add_transposed(rows_in(a, c.of_a, c.rows), rows_in(b, c.of_b, c.rows), expected, arena, &expected_sums);
        const PackedMatrix left = pack_if_wide(b, c.of_b, arena);
        const float* first = &b.data[static_cast<std::size_t>(b.offset(c.of_b[0].first, 0))];
        EXPECT_EQ(left.data == first, c.even && columns == 64);
        const TransposedProduct product{left, actual};
        accumulate_transposed(a, c.of_a, {&product, 1}, sums.data());
        EXPECT_EQ(actual.data, expected.data);
        EXPECT_EQ(sums, expected_sums);
      }
    }
  }
}

TEST(Product, NoRowsLeaveTheResultAsItIs) {
  const Rows none = source(0, 4, 1), b = source(4, 20, 2);
  Arena arena;
  Rows c = result(4, 20);
  const std::vector<float> before = c.data;
  multiply(none, pack(b, arena), {From::zero}, {c.data.data(), 0, 20, c.stride});
  add_transposed(none, source(0, 20, 2), c, arena);
  EXPECT_EQ(c.data, before);
}

TEST(Product, ColumnSumsEqualPlainLoops) {
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    for (const std::size_t columns : {1, 15, 16, 17, 80, 127, 128, 129, 300}) {
      for (const std::size_t rows : {1, 2, 100}) {
        const Rows m = source(rows, columns, 1);
        std::vector<float> sums = random_integers(columns, 2), expected = sums;
        for (std::size_t r = 0; r < rows; ++r) {
          for (std::size_t j = 0; j < columns; ++j) expected[j] += m.at(r, j);
        }
        accumulate_column_sums(m, sums.data());
        EXPECT_EQ(sums, expected) << simd_name(level) << ", " << rows << " by " << columns;
      }
    }
  }
}

// Here with rounding: an element is one chain of additions whoever its neighbours are.
TEST(Product, ARowHasTheSameBitsAloneAndBesideOthers) {
  constexpr std::size_t kDepth = 1100, kWidth = 80;
  const auto as_floats = [](const std::vector<double>& v) { return std::vector<float>(v.begin(), v.end()); };
  const std::vector<float> a = as_floats(random_values(7 * kDepth, 1, 1));
  const std::vector<float> b = as_floats(random_values(kDepth * kWidth, 1, 2));
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    Arena arena;
    const PackedMatrix packed = pack({b.data(), kDepth, kWidth, kWidth}, arena);
    std::vector<float> together(7 * kWidth), alone(7 * kWidth);
    multiply({a.data(), 7, kDepth, kDepth}, packed, {From::zero}, {together.data(), 7, kWidth, kWidth});
    for (std::size_t r = 0; r < 7; ++r) {
      multiply({&a[r * kDepth], 1, kDepth, kDepth}, packed, {From::zero}, {&alone[r * kWidth], 1, kWidth, kWidth});
    }
    EXPECT_EQ(together, alone) << simd_name(level);
  }
}

}  // namespace
}  // namespace recur::product_test
