#include "cells/elman.h"
#include "cells/jordan.h"
#include "cells/time_delay.h"
#include "cells/zoo.h"

namespace recur {

void add_plain_cells(std::deque<CellInfo>& cells) {
  cells.push_back(describe_cell<Ngram>("ngram"));
  cells.push_back(describe_cell<TimeDelay>("tdnn"));
  cells.push_back(describe_cell<Jordan>("jordan"));
  cells.push_back(describe_cell<Elman>("elman"));
  cells.push_back(describe_cell<ElmanRelu>("elman-relu"));
  cells.push_back(describe_cell<IdentityRelu>("irnn"));
  cells.push_back(describe_cell<IndRnn>("indrnn"));
}

}  // namespace recur
