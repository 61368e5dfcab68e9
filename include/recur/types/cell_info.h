// What a cell is made of: what its author names in its struct (recur/types/cell.h tells how), and the cell as data,
// which is all that the engine knows of it.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "recur/types/observe.h"

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
// bias of the same rows (weight "ih" is weight_ih_l0 and bias_ih_l0 in the model file) unless `bias` is false.
struct Product {
  std::string_view weight, source;
  Names gates;
  bool bias = true;  // false: the weight has none
};

// Parameters of one number a unit: "ci" is weight_ci_l0 in the model file. They start uniform in [low, high]; when both
// are 0, as matrices do.
struct UnitWeight {
  std::string_view name;
  float low = 0, high = 0;
};

// A layer has two widths: the hidden size, and the output's, which is the same unless the user says otherwise.
enum class Width { hidden, output };

// Where a cell's recurrent matrices start: like all others, or as the identity, with biases of zero.
enum class Start { standard, identity };

// What a state is before the first step: zero unless a network learns it, or nothing else than zero, or than below
// everything.
enum class FirstValue { any, zero, lowest };

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
  std::vector<std::size_t> units;          // which of CellInfo::units
  Width width = Width::hidden;

  // Pre-activations of the gates, then what is read, then the parameters of each unit, to what is written: `rows` rows
  // of so many units each.
  void (*forward)(std::size_t rows, std::size_t units, const TileRows* inputs, const TileRows* outputs);
  // From gradients of what is written: stores gradients of the gates (which may lie where the gates lie) and adds
  // gradients of what is read and of the units' parameters.
  void (*backward)(std::size_t rows, std::size_t units, const TileRows* inputs, const TileRows* output_gradients,
                   const TileRows* input_gradients);
  // The same for one unit in double.
  void (*reference)(const double* inputs, double* outputs);
  void (*reference_backward)(const double* inputs, const double* output_gradients, double* input_gradients);
  // What happens to the gates of one unit within next().
  void (*observe)(const double* inputs, Observation& observation);

  // The most arguments that next() may have.
  static constexpr std::size_t kMostInputs = 2 * Names::kMost;
};

// The most that a cell may have: weights, and products in a stage; stages; states and results; parameters of units.
inline constexpr std::size_t kMostWeights = 4, kMostStages = 4, kMostSlots = 8, kMostUnits = 4;

// A cell as data. Slots are the states (the first is the output), then results that one stage hands to a later one.
struct CellInfo {
  struct Weight {
    std::string name;               // "ih": weight_ih_l0 and bias_ih_l0
    bool from_input;                // its columns are the input's width, else that of `columns`
    bool bias = true;               // has one
    Width rows = Width::hidden;     // of each gate
    Width columns = Width::hidden;  // of what it multiplies, when that is not the input
    std::size_t gates = 0;          // its rows are gates times the width of `rows`
  };
  struct Unit {
    std::string name;  // "ci": weight_ci_l0
    Width width;
    float low, high;  // where it starts; both 0: as matrices
  };
  std::string name;
  int year = 0;
  std::string source, equations;
  std::vector<std::string> slots;
  std::vector<Width> slot_widths;
  std::size_t states = 0;
  std::vector<FirstValue> first_values;  // of each state
  std::vector<Weight> weights;
  std::vector<Unit> units;
  std::vector<StageInfo> stages;
  std::size_t window = 1;
  Start start = Start::standard;

  // What a state is before the first step where nobody says otherwise.
  float first_value(std::size_t state) const {
    return first_values[state] == FirstValue::lowest ? std::numeric_limits<float>::lowest() : 0.0F;
  }
  // Whether some product needs a state or a result: if not, a layer is one product over all steps and a scan.
  bool multiplies_states() const;
  // Whether some stage has the output's width: the output may then be of another width than the hidden size.
  bool has_output_width() const;
};

}  // namespace recur
