// The table of cells: a line a cell in one of these functions, in several files so that they compile side by side;
// those with the same equations in one, which compiles their kernels once.
#pragma once

#include <deque>

#include "recur/types/cell.h"

namespace recur {

void add_plain_cells(std::deque<CellInfo>& cells);
void add_lstm_cells(std::deque<CellInfo>& cells);
void add_peephole_cells(std::deque<CellInfo>& cells);
void add_full_peephole_cells(std::deque<CellInfo>& cells);
void add_gru_cells(std::deque<CellInfo>& cells);
void add_parallel_cells(std::deque<CellInfo>& cells);

}  // namespace recur
