#include "cells/lstm.h"
#include "cells/lstm_peephole.h"
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

void add_full_peephole_cells(std::deque<CellInfo>& cells) {
  cells.push_back(describe_cell<LstmFullPeephole<true, true, true>>("lstm-full-peephole"));
  cells.push_back(describe_cell<LstmFullPeephole<true, false, false>>("lstm-full-peephole-i"));
  cells.push_back(describe_cell<LstmFullPeephole<false, true, false>>("lstm-full-peephole-f"));
  cells.push_back(describe_cell<LstmFullPeephole<false, false, true>>("lstm-full-peephole-o"));
  cells.push_back(describe_cell<LstmFullPeephole<true, true, false>>("lstm-full-peephole-if"));
  cells.push_back(describe_cell<LstmFullPeephole<true, false, true>>("lstm-full-peephole-io"));
  cells.push_back(describe_cell<LstmFullPeephole<false, true, true>>("lstm-full-peephole-fo"));
}

}  // namespace recur
