// A cell is its equations. A cell is a struct:
//
//   struct Lstm {
//     static constexpr Names states = {"h", "c"};                                   // the first is the output
//     static constexpr Names gates = {"input", "forget", "candidate", "output"};    // matrix products, summed
//     static constexpr Names reads = {"c"};                                         // states read unit by unit
//     static auto next(auto i, auto f, auto g, auto o, auto c) {
//       auto c2 = sigmoid(f) * c + sigmoid(i) * tanh(g);
//       return results(sigmoid(o) * tanh(c2), c2);                                  // the new states
//     }
//   };
//
// next() is written once, over numbers of any kind, from + - * /, tanh, sigmoid, relu and exp. From that one text come
// the forward kernel for every SIMD width, the backward kernel (derived at compile time: forward-mode duals whose set
// of non-zero partials is part of their type), and the double reference that gradient checks use.
//
// By default every gate is W_ih x + b_ih + W_hh h + b_hh. A cell says otherwise with `products`, and a cell of several
// stages, where a matrix product needs an earlier stage's result, lists stage structs in `using stages =
// std::tuple<...>`; each stage then has its own gates, products, reads, writes and next().
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "recur/dual.h"
#include "recur/simd.h"

namespace recur {

// A short list of names, usable in constant expressions.
struct Names {
  static constexpr std::size_t kMost = 12;
  std::array<std::string_view, kMost> items{};
  std::size_t count = 0;

  constexpr Names() = default;
  constexpr Names(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) items.at(count++) = name;
  }
  constexpr const std::string_view* begin() const { return items.data(); }
  constexpr const std::string_view* end() const { return items.data() + count; }
};

// Adds `weight` times `source` to some gates: `source` is "x" (the input), a state (its value one step before) or an
// earlier stage's result. Rows of the weight tensor follow the order of `gates`, stage after stage; each weight has a
// bias of the same rows (weight "ih" is weight_ih_l0 and bias_ih_l0 in the model file).
struct Product {
  std::string_view weight, source;
  Names gates;
};

// Where a cell comes from, for `recur cells` and `recur info`; optional in a user's own cell (`static constexpr
// CellOrigin origin`).
struct CellOrigin {
  int year = 0;
  std::string_view source, equations;
};

// What next() returns: one value for each name that the stage writes.
template <class... Values>
std::tuple<Values...> results(const Values&... values) {
  return {values...};
}

// One array of a tile: rows of units, `stride` floats from one row to the next.
struct TileRows {
  float* data;
  std::size_t stride;
};

struct StageInfo {
  struct ProductInfo {
    std::size_t weight;              // which of CellInfo::weights
    std::size_t first_row;           // the first of its rows in the weight, in gates (times hidden units)
    int source;                      // a slot, or kInput
    std::vector<std::size_t> gates;  // of this stage, in the order of the weight's rows
  };
  static constexpr int kInput = -1;

  std::vector<std::string> gates;
  std::vector<ProductInfo> products;
  std::vector<std::size_t> reads, writes;  // slots

  // Pre-activations of the gates, then what is read, to what is written: `rows` rows of `units` units each.
  void (*forward)(std::size_t rows, std::size_t units, const TileRows* inputs, const TileRows* outputs);
  // From gradients of what is written: stores gradients of the gates (which may lie where the gates lie) and adds
  // gradients of what is read.
  void (*backward)(std::size_t rows, std::size_t units, const TileRows* inputs, const TileRows* output_gradients,
                   const TileRows* input_gradients);
  // The same for one unit in double.
  void (*reference)(const double* inputs, double* outputs);
  void (*reference_backward)(const double* inputs, const double* output_gradients, double* input_gradients);
};

// The most that a cell may have: weights, and products in a stage; stages; states and results.
inline constexpr std::size_t kMostWeights = 4, kMostStages = 4, kMostSlots = 8;

// A cell as data. Slots are the states (the first is the output), then results that one stage hands to a later one.
struct CellInfo {
  struct Weight {
    std::string name;       // "ih": weight_ih_l0 and bias_ih_l0
    bool from_input;        // its columns are the input's width, else the hidden size
    std::size_t gates = 0;  // its rows are gates * hidden size
  };
  std::string name;
  int year = 0;
  std::string source, equations;
  std::vector<std::string> slots;
  std::size_t states = 0;
  std::vector<Weight> weights;
  std::vector<StageInfo> stages;
};

namespace derive {

// Stage defaults: what a single-stage cell leaves out.
template <class S>
constexpr Names reads_of() {
  if constexpr (requires { S::reads; }) return S::reads;
  return {};
}

template <class Cell, class S>
constexpr Names writes_of() {
  if constexpr (requires { S::writes; }) {
    return S::writes;
  } else {
    return Cell::states;
  }
}

template <class Cell, class S>
std::vector<Product> products_of() {
  if constexpr (requires { S::products; }) return {S::products.begin(), S::products.end()};
  return {{"ih", "x", S::gates}, {"hh", Cell::states.items[0], S::gates}};
}

template <class Cell, class S>
struct StageKernels {
  static constexpr std::size_t kGates = S::gates.count;
  static constexpr std::size_t kInputs = kGates + reads_of<S>().count;
  static constexpr std::size_t kOutputs = writes_of<Cell, S>().count;
  static constexpr std::size_t kTile = 16;  // units: a multiple of every SIMD width
  using Inputs = std::make_index_sequence<kInputs>;
  using Outputs = std::make_index_sequence<kOutputs>;

  // The gradient of input I: the sum over outputs of output gradient times partial.
  template <std::size_t I, class N, class Results, std::size_t... O>
  static N gradient(const Results& values, const std::array<N, kOutputs>& d, std::index_sequence<O...>) {
    N sum(0.0F);
    (add_term<I>(sum, std::get<O>(values), d[O]), ...);
    return sum;
  }
  template <std::size_t I, class N, unsigned M>
  static void add_term(N& sum, const Dual<N, M>& value, const N& d) {
    if constexpr (depends<M, I>) sum = fma(partial<I>(value), d, sum);
  }

  template <class V, std::size_t... I, std::size_t... O>
  static void forward_row(std::size_t units, const std::array<const float*, kInputs>& in,
                          const std::array<float*, kOutputs>& out, std::index_sequence<I...>,
                          std::index_sequence<O...>) {
    for (std::size_t u = 0; u < units; u += V::kLanes) {
      const auto values = S::next(V::load(in[I] + u)...);
      static_assert(std::tuple_size_v<std::remove_cv_t<decltype(values)>> == kOutputs,
                    "next() returns what is written");
      (V(std::get<O>(values)).store(out[O] + u), ...);
    }
  }

  template <class V, std::size_t... I, std::size_t... O>
  static void backward_row(std::size_t units, const std::array<const float*, kInputs>& in,
                           const std::array<const float*, kOutputs>& d_out, const std::array<float*, kInputs>& d_in,
                           std::index_sequence<I...>, std::index_sequence<O...>) {
    for (std::size_t u = 0; u < units; u += V::kLanes) {
      const auto values = S::next(variable<I>(V::load(in[I] + u))...);
      const std::array<V, kOutputs> d = {V::load(d_out[O] + u)...};
      const std::array<V, kInputs> g = {gradient<I, V>(values, d, Outputs())...};
      ((I < kGates ? g[I] : g[I] + V::load(d_in[I] + u)).store(d_in[I] + u), ...);
    }
  }

  struct Forward {
    template <class V>
    static void run(std::size_t rows, std::size_t units, const TileRows* in, const TileRows* out) {
      const std::size_t whole = units / kTile * kTile;
      const std::size_t rest = units - whole;
      for (std::size_t r = 0; r < rows; ++r) {
        std::array<const float*, kInputs> from;
        std::array<float*, kOutputs> to;
        for (std::size_t i = 0; i < kInputs; ++i) from[i] = in[i].data + r * in[i].stride;
        for (std::size_t o = 0; o < kOutputs; ++o) to[o] = out[o].data + r * out[o].stride;
        forward_row<V>(whole, from, to, Inputs(), Outputs());
        if (rest == 0) continue;
        float padded[kInputs + kOutputs][kTile] = {};
        for (std::size_t i = 0; i < kInputs; ++i) {
          for (std::size_t u = 0; u < rest; ++u) padded[i][u] = from[i][whole + u];
          from[i] = padded[i];
        }
        std::array<float*, kOutputs> spare;
        for (std::size_t o = 0; o < kOutputs; ++o) spare[o] = padded[kInputs + o];
        forward_row<V>(kTile, from, spare, Inputs(), Outputs());
        for (std::size_t o = 0; o < kOutputs; ++o)
          for (std::size_t u = 0; u < rest; ++u) to[o][whole + u] = spare[o][u];
      }
    }
  };

  struct Backward {
    template <class V>
    static void run(std::size_t rows, std::size_t units, const TileRows* in, const TileRows* d_out,
                    const TileRows* d_in) {
      const std::size_t whole = units / kTile * kTile;
      const std::size_t rest = units - whole;
      for (std::size_t r = 0; r < rows; ++r) {
        std::array<const float*, kInputs> from;
        std::array<const float*, kOutputs> d_from;
        std::array<float*, kInputs> d_to;
        for (std::size_t i = 0; i < kInputs; ++i) from[i] = in[i].data + r * in[i].stride;
        for (std::size_t o = 0; o < kOutputs; ++o) d_from[o] = d_out[o].data + r * d_out[o].stride;
        for (std::size_t i = 0; i < kInputs; ++i) d_to[i] = d_in[i].data + r * d_in[i].stride;
        backward_row<V>(whole, from, d_from, d_to, Inputs(), Outputs());
        if (rest == 0) continue;
        float padded[2 * kInputs + kOutputs][kTile] = {};
        std::array<float*, kInputs> spare;
        for (std::size_t i = 0; i < kInputs; ++i) {
          spare[i] = padded[kInputs + kOutputs + i];
          for (std::size_t u = 0; u < rest; ++u) {
            padded[i][u] = from[i][whole + u];
            spare[i][u] = d_to[i][whole + u];
          }
          from[i] = padded[i];
        }
        for (std::size_t o = 0; o < kOutputs; ++o) {
          for (std::size_t u = 0; u < rest; ++u) padded[kInputs + o][u] = d_from[o][whole + u];
          d_from[o] = padded[kInputs + o];
        }
        backward_row<V>(kTile, from, d_from, spare, Inputs(), Outputs());
        for (std::size_t i = 0; i < kInputs; ++i)
          for (std::size_t u = 0; u < rest; ++u) d_to[i][whole + u] = spare[i][u];
      }
    }
  };

  static void forward(std::size_t rows, std::size_t units, const TileRows* in, const TileRows* out) {
    dispatch<Forward>(rows, units, in, out);
  }
  static void backward(std::size_t rows, std::size_t units, const TileRows* in, const TileRows* d_out,
                       const TileRows* d_in) {
    dispatch<Backward>(rows, units, in, d_out, d_in);
  }
  static void reference(const double* in, double* out) {
    [&]<std::size_t... I, std::size_t... O>(std::index_sequence<I...>, std::index_sequence<O...>) {
      const auto values = S::next(Real64(in[I])...);
      ((out[O] = Real64(std::get<O>(values)).v), ...);
    }
    (Inputs(), Outputs());
  }
  static void reference_backward(const double* in, const double* d_out, double* d_in) {
    [&]<std::size_t... I, std::size_t... O>(std::index_sequence<I...>, std::index_sequence<O...>) {
      const auto values = S::next(variable<I>(Real64(in[I]))...);
      const std::array<Real64, kOutputs> d = {Real64(d_out[O])...};
      ((d_in[I] = gradient<I, Real64>(values, d, Outputs()).v), ...);
    }
    (Inputs(), Outputs());
  }
};

// A stage as a cell's author wrote it, before its names are looked up.
struct StageText {
  Names gates, reads, writes;
  std::vector<Product> products;
  StageInfo kernels;
};

template <class Cell, class S>
StageText stage_text() {
  using Kernels = StageKernels<Cell, S>;
  StageText text{S::gates, reads_of<S>(), writes_of<Cell, S>(), products_of<Cell, S>(), {}};
  text.kernels.forward = &Kernels::forward;
  text.kernels.backward = &Kernels::backward;
  text.kernels.reference = &Kernels::reference;
  text.kernels.reference_backward = &Kernels::reference_backward;
  return text;
}

template <class Cell>
std::vector<StageText> stage_texts() {
  if constexpr (requires { typename Cell::stages; }) {
    return []<class... S>(std::tuple<S...>*) {
      return std::vector<StageText>{stage_text<Cell, S>()...};
    }(static_cast<typename Cell::stages*>(nullptr));
  } else {
    return {stage_text<Cell, Cell>()};
  }
}

template <class Cell>
CellOrigin origin_of() {
  if constexpr (requires { Cell::origin; }) return Cell::origin;
  return {};
}

// Looks up every name; throws Error naming the cell and the name that is wrong.
CellInfo build_cell(const std::string& name, const CellOrigin& origin, const Names& states,
                    const std::vector<StageText>& stages);
void register_cell(CellInfo cell);

}  // namespace derive

// The engine's view of a cell.
template <class Cell>
CellInfo describe_cell(const std::string& name) {
  return derive::build_cell(name, derive::origin_of<Cell>(), Cell::states, derive::stage_texts<Cell>());
}

// Adds a cell to the zoo under a name: from then on models, the model file and the command line know it. Throws Error
// when the name is taken or the cell's names do not fit together.
template <class Cell>
void add_cell(const std::string& name) {
  derive::register_cell(describe_cell<Cell>(name));
}

// The cell of that name; throws Error listing the known names.
const CellInfo& find_cell(std::string_view name);
// Every cell, in the order in which they were added.
std::vector<const CellInfo*> all_cells();

}  // namespace recur
