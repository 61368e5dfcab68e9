// From the text of a cell to its kernels: forward and backward for every SIMD width, and the double reference.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "recur/types/cell_info.h"
#include "recur/types/dual.h"
#include "recur/types/observe.h"
#include "recur/types/simd.h"

namespace recur {

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

template <class S>
std::vector<UnitWeight> units_of() {
  if constexpr (requires { S::units; }) return {S::units.begin(), S::units.end()};
  return {};
}
template <class S>
constexpr std::size_t count_units() {
  if constexpr (requires { S::units; }) return S::units.size();
  return 0;
}

template <class S>
constexpr Width width_of() {
  if constexpr (requires { S::width; }) return S::width;
  return Width::hidden;
}

// Whose next() a stage has: its own, or that of the stage that it names as its equations.
template <class S>
struct EquationsOf {
  using Type = S;
};
template <class S>
requires requires { typename S::equations; }
struct EquationsOf<S> {
  using Type = typename EquationsOf<typename S::equations>::Type;
};

// The kernels of a next(), compiled once for all stages that have it: `gates` of its `inputs` arguments are gates.
template <class Equations, std::size_t gates, std::size_t inputs, std::size_t outputs>
struct StageKernels {
  static constexpr std::size_t kGates = gates, kInputs = inputs, kOutputs = outputs;
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
      const auto values = Equations::next(V::load(in[I] + u)...);
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
      const auto values = Equations::next(variable<I>(V::load(in[I] + u))...);
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
    if constexpr (kWideCells) {
      dispatch<Forward>(rows, units, in, out);
    } else {
      run_baseline<Forward>(rows, units, in, out);
    }
  }
  static void backward(std::size_t rows, std::size_t units, const TileRows* in, const TileRows* d_out,
                       const TileRows* d_in) {
    if constexpr (kWideCells) {
      dispatch<Backward>(rows, units, in, d_out, d_in);
    } else {
      run_baseline<Backward>(rows, units, in, d_out, d_in);
    }
  }
  static void reference(const double* in, double* out) {
    [&]<std::size_t... I, std::size_t... O>(std::index_sequence<I...>, std::index_sequence<O...>) {
      const auto values = Equations::next(Real64(in[I])...);
      ((out[O] = Real64(std::get<O>(values)).v), ...);
    }
    (Inputs(), Outputs());
  }
  static void reference_backward(const double* in, const double* d_out, double* d_in) {
    [&]<std::size_t... I, std::size_t... O>(std::index_sequence<I...>, std::index_sequence<O...>) {
      const auto values = Equations::next(variable<I>(Real64(in[I]))...);
      const std::array<Real64, kOutputs> d = {Real64(d_out[O])...};
      ((d_in[I] = gradient<I, Real64>(values, d, Outputs()).v), ...);
    }
    (Inputs(), Outputs());
  }
  static void observe(const double* in, Observation& observation) {
    for (std::size_t g = 0; g < kGates; ++g) observation.gates[g] = {GateFunction::none, in[g]};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      Equations::next(Observed(in[I], I < kGates ? static_cast<int>(I) : Observed::kNoGate, &observation)...);
    }
    (Inputs());
  }
};

// A stage as a cell's author wrote it, before its names are looked up.
struct StageText {
  Names gates, reads, writes;
  std::vector<Product> products;
  std::vector<UnitWeight> units;
  StageInfo kernels;
};

// What a cell says of itself as a whole.
struct CellText {
  CellOrigin origin;
  Names states, zero_states, lowest_states;
  std::size_t window = 1;
  Start start = Start::standard;
};

template <class Cell, class S>
StageText stage_text() {
  constexpr std::size_t kGates = S::gates.count, kOutputs = writes_of<Cell, S>().count;
  constexpr std::size_t kInputs = kGates + reads_of<S>().count + count_units<S>();
  using Kernels = StageKernels<typename EquationsOf<S>::Type, kGates, kInputs, kOutputs>;
  static_assert(Kernels::kInputs <= StageInfo::kMostInputs, "next() has too many arguments");
  StageText text{S::gates, reads_of<S>(), writes_of<Cell, S>(), products_of<Cell, S>(), units_of<S>(), {}};
  text.kernels.width = width_of<S>();
  text.kernels.forward = &Kernels::forward;
  text.kernels.backward = &Kernels::backward;
  text.kernels.reference = &Kernels::reference;
  text.kernels.reference_backward = &Kernels::reference_backward;
  text.kernels.observe = &Kernels::observe;
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
CellText cell_text() {
  CellText text{{}, Cell::states, {}, {}, 1, Start::standard};
  if constexpr (requires { Cell::origin; }) text.origin = Cell::origin;
  if constexpr (requires { Cell::zero_states; }) text.zero_states = Cell::zero_states;
  if constexpr (requires { Cell::lowest_states; }) text.lowest_states = Cell::lowest_states;
  if constexpr (requires { Cell::window; }) text.window = Cell::window;
  if constexpr (requires { Cell::start; }) text.start = Cell::start;
  return text;
}

// Looks up every name; throws Error naming the cell and the name that is wrong.
CellInfo build_cell(const std::string& name, const CellText& text, const std::vector<StageText>& stages);
void register_cell(CellInfo cell);

}  // namespace derive

}  // namespace recur
