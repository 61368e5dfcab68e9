#include "cells/lstm_peephole.h"
#include "cells/zoo.h"

namespace recur {

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
