// Which matrix products backward needs for a cell.
#pragma once

#include <array>
#include <cstddef>

#include "recur/types/cell.h"

namespace recur {

inline constexpr std::size_t kMostRuns = kMostWeights * Names::kMost;  // of a stage

// Neighbouring gates of a stage that are neighbouring rows of a weight: one matrix product for all of them.
struct GateRun {
  std::size_t stage, weight;
  int source;
  std::size_t first_gate, first_row, count;

  std::size_t last_gate() const { return first_gate + count; }
  bool has(std::size_t gate) const { return first_gate <= gate && gate < last_gate(); }
  // Its part from a gate on up to another.
  GateRun part(std::size_t first, std::size_t last) const {
    return {stage, weight, source, first, first_row + first - first_gate, last - first};
  }
};

struct GateRuns {
  std::array<GateRun, kMostRuns * kMostStages> runs;
  std::size_t count = 0;

  explicit GateRuns(const CellInfo& cell) {
    for (std::size_t s = 0; s < cell.stages.size(); ++s) {
      for (const auto& product : cell.stages[s].products) {
        for (std::size_t i = 0; i < product.gates.size(); ++i) {
          if (i > 0 && product.gates[i] == product.gates[i - 1] + 1) {
            ++runs[count - 1].count;
          } else {
            runs.at(count++) = {s, product.weight, product.source, product.gates[i], product.first_row + i, 1};
          }
        }
      }
    }
  }
  const GateRun* begin() const { return runs.data(); }
  const GateRun* end() const { return runs.data() + count; }
};

}  // namespace recur
