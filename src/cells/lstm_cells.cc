#include "cells/lstm.h"
#include "cells/slstm.h"
#include "cells/zoo.h"

namespace recur {

void add_lstm_cells(std::deque<CellInfo>& cells) {
  cells.push_back(describe_cell<LstmWithoutForgetGate>("lstm-1997"));
  cells.push_back(describe_cell<Lstm>("lstm"));
  cells.push_back(describe_cell<LstmCoupled>("lstm-coupled"));
  cells.push_back(describe_cell<LstmProjection>("lstm-projection"));
  cells.push_back(describe_cell<Slstm>("slstm"));
}

}  // namespace recur
