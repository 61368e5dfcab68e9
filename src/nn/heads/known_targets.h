// Which of some targets are known, where they are ids and what nobody knows, or the model has not, is below 0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "autograd/readout.h"

namespace recur {

inline bool is_known(int target) { return target >= 0; }

struct KnownTargets {
  // Lies on the tape.
  KnownTargets(Tape& tape, std::span<const int> all)
      : rows(tape.arena().take<std::size_t>(static_cast<std::size_t>(std::ranges::count_if(all, is_known)))),
        targets(tape.arena().take<int>(rows.size())),
        whole(rows.size() == all.size()) {
    std::size_t found = 0;
    for (std::size_t row = 0; row < all.size(); ++row) {
      if (!is_known(all[row])) continue;
      targets[found] = all[row];
      rows[found++] = row;
    }
  }
  // Their rows of x [all, width].
  Var rows_of(Tape& tape, Var x) const { return whole ? x : select_rows(tape, x, rows); }

  std::span<std::size_t> rows;
  std::span<int> targets;
  bool whole;  // all are known
};

}  // namespace recur
