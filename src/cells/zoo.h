// The table of cells: a line a cell in one of these functions, each a file of its own so that they compile side by side.
#pragma once

#include <deque>

#include "recur/cell.h"

namespace recur {

void add_plain_cells(std::deque<CellInfo>& cells);
void add_lstm_cells(std::deque<CellInfo>& cells);
void add_peephole_cells(std::deque<CellInfo>& cells);
void add_full_peephole_cells(std::deque<CellInfo>& cells);
void add_gru_cells(std::deque<CellInfo>& cells);
void add_parallel_cells(std::deque<CellInfo>& cells);

}  // namespace recur
