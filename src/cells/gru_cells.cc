#include "cells/gru.h"
#include "cells/zoo.h"

namespace recur {

void add_gru_cells(std::deque<CellInfo>& cells) {
  cells.push_back(describe_cell<Gru>("gru"));
  cells.push_back(describe_cell<GruResetBefore>("gru-reset-before"));
  cells.push_back(describe_cell<Mgu>("mgu"));
}

}  // namespace recur
