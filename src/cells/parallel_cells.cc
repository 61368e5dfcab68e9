#include "cells/parallel.h"
#include "cells/zoo.h"

namespace recur {

void add_parallel_cells(std::deque<CellInfo>& cells) {
  cells.push_back(describe_cell<Qrnn>("qrnn"));
  cells.push_back(describe_cell<Sru>("sru"));
  cells.push_back(describe_cell<MinGru>("mingru"));
  cells.push_back(describe_cell<MinLstm>("minlstm"));
}

}  // namespace recur
