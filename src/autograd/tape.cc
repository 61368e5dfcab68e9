#include "autograd/tape.h"

#include <algorithm>

namespace recur {

Matrix Tape::gradient(Var v) {
  Value& x = values_[v.index];
  if (x.gradient == nullptr) {
    const std::span<float> zeros = arena_.take<float>(x.rows, x.columns);
    std::fill(zeros.begin(), zeros.end(), 0.0F);
    x.gradient = zeros.data();
  }
  return {x.gradient, x.rows, x.columns, x.columns};
}

void Tape::backward() {
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    scratch_.rewind();
    nodes_[i].run(nodes_[i].self, *this);
  }
}

void Tape::rewind() {
  values_.clear();
  nodes_.clear();
  kept_.clear();
  arena_.rewind();
  scratch_.rewind();
}

}  // namespace recur
