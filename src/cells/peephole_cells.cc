#include "cells/lstm_peephole.h"
#include "cells/zoo.h"

namespace recur {

void add_peephole_cells(std::deque<CellInfo>& cells) {
  cells.push_back(describe_cell<LstmPeephole<true, true, true>>("lstm-peephole"));
  cells.push_back(describe_cell<LstmPeephole<true, false, false>>("lstm-peephole-i"));
  cells.push_back(describe_cell<LstmPeephole<false, true, false>>("lstm-peephole-f"));
  cells.push_back(describe_cell<LstmPeephole<false, false, true>>("lstm-peephole-o"));
  cells.push_back(describe_cell<LstmPeephole<true, true, false>>("lstm-peephole-if"));
  cells.push_back(describe_cell<LstmPeephole<true, false, true>>("lstm-peephole-io"));
  cells.push_back(describe_cell<LstmPeephole<false, true, true>>("lstm-peephole-fo"));
}

}  // namespace recur
