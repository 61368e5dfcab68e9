// The table of cells, and the reading of a cell's text into the engine's view of it.
#include <algorithm>
#include <deque>

#include "base/error.h"
#include "cells/elman.h"
#include "cells/gru.h"
#include "cells/lstm.h"
#include "recur/cell.h"

namespace recur {
namespace {

using derive::StageText;

std::deque<CellInfo> built_in_cells() {
  std::deque<CellInfo> cells;
  cells.push_back(describe_cell<Elman>("elman"));
  cells.push_back(describe_cell<ElmanRelu>("elman-relu"));
  cells.push_back(describe_cell<Lstm>("lstm"));
  cells.push_back(describe_cell<Gru>("gru"));
  cells.push_back(describe_cell<GruResetBefore>("gru-reset-before"));
  return cells;
}

// A deque: what find_cell() returned stays where it is when cells are added.
std::deque<CellInfo>& zoo() {
  static std::deque<CellInfo> cells = built_in_cells();
  return cells;
}

std::size_t find_slot(const CellInfo& cell, std::string_view name, std::size_t stage) {
  const auto slot = std::find(cell.slots.begin(), cell.slots.end(), name);
  if (slot == cell.slots.end()) {
    fail("cell {}: stage {} uses '{}', which is neither a state nor the result of an earlier stage", cell.name, stage,
         name);
  }
  return static_cast<std::size_t>(slot - cell.slots.begin());
}

std::size_t find_gate(const CellInfo& cell, const StageText& text, std::string_view name) {
  const auto* gate = std::find(text.gates.begin(), text.gates.end(), name);
  if (gate == text.gates.end())
    fail("cell {}: a product names gate '{}', which its stage does not have", cell.name, name);
  return static_cast<std::size_t>(gate - text.gates.begin());
}

std::size_t find_or_add_weight(CellInfo& cell, const Product& product) {
  const bool from_input = product.source == "x";
  for (std::size_t w = 0; w < cell.weights.size(); ++w) {
    if (cell.weights[w].name != product.weight) continue;
    if (cell.weights[w].from_input != from_input) {
      fail("cell {}: weight '{}' multiplies both the input and a state; give each its own", cell.name, product.weight);
    }
    return w;
  }
  cell.weights.push_back({std::string(product.weight), from_input, 0});
  return cell.weights.size() - 1;
}

StageInfo::ProductInfo read_product(CellInfo& cell, const StageText& text, const Product& product, std::size_t stage) {
  StageInfo::ProductInfo info;
  info.weight = find_or_add_weight(cell, product);
  info.first_row = cell.weights[info.weight].gates;
  info.source = product.source == "x" ? StageInfo::kInput : static_cast<int>(find_slot(cell, product.source, stage));
  for (const std::string_view name : product.gates) info.gates.push_back(find_gate(cell, text, name));
  cell.weights[info.weight].gates += info.gates.size();
  return info;
}

// The engine keeps what belongs to a cell in arrays of fixed size.
void check_counts(const CellInfo& cell) {
  const auto check = [&](std::size_t count, std::size_t most, std::string_view what) {
    if (count > most) fail("cell {}: it has {} {}, at most {} are possible", cell.name, count, what, most);
  };
  if (cell.states == 0) fail("cell {}: it has no state; name at least the output", cell.name);
  check(cell.slots.size(), kMostSlots, "states and results");
  check(cell.weights.size(), kMostWeights, "weights");
  check(cell.stages.size(), kMostStages, "stages");
  for (const StageInfo& stage : cell.stages) check(stage.products.size(), kMostWeights, "products in one stage");
}

void check_gates(const CellInfo& cell, const StageInfo& stage) {
  for (std::size_t gate = 0; gate < stage.gates.size(); ++gate) {
    const bool computed = std::any_of(stage.products.begin(), stage.products.end(), [gate](const auto& product) {
      return std::find(product.gates.begin(), product.gates.end(), gate) != product.gates.end();
    });
    if (!computed)
      fail("cell {}: no product adds to gate '{}'; what a stage only reads is no gate", cell.name, stage.gates[gate]);
  }
}

// States must all be written exactly once; a result of an earlier stage likewise.
void check_writes(const CellInfo& cell) {
  std::vector<int> written(cell.slots.size());
  for (const StageInfo& stage : cell.stages) {
    for (const std::size_t slot : stage.writes) ++written[slot];
  }
  for (std::size_t slot = 0; slot < written.size(); ++slot) {
    if (written[slot] != 1)
      fail("cell {}: '{}' is written {} times, not once", cell.name, cell.slots[slot], written[slot]);
  }
}

}  // namespace

namespace derive {

CellInfo build_cell(const std::string& name, const CellOrigin& origin, const Names& states,
                    const std::vector<StageText>& stages) {
  CellInfo cell;
  cell.name = name;
  cell.year = origin.year;
  cell.source = origin.source;
  cell.equations = origin.equations;
  cell.slots.assign(states.begin(), states.end());
  cell.states = states.count;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const StageText& text = stages[s];
    StageInfo stage = text.kernels;
    stage.gates.assign(text.gates.begin(), text.gates.end());
    for (const Product& product : text.products) stage.products.push_back(read_product(cell, text, product, s));
    for (const std::string_view read : text.reads) stage.reads.push_back(find_slot(cell, read, s));
    for (const std::string_view write : text.writes) {
      if (std::find(cell.slots.begin(), cell.slots.end(), write) == cell.slots.end()) cell.slots.emplace_back(write);
      stage.writes.push_back(find_slot(cell, write, s));
    }
    check_gates(cell, stage);
    cell.stages.push_back(std::move(stage));
  }
  check_counts(cell);
  check_writes(cell);
  return cell;
}

void register_cell(CellInfo cell) {
  for (const CellInfo& known : zoo()) {
    if (known.name == cell.name) fail("cell {}: there is a cell of that name already", cell.name);
  }
  zoo().push_back(std::move(cell));
}

}  // namespace derive

const CellInfo& find_cell(std::string_view name) {
  std::string known;
  for (const CellInfo& cell : zoo()) {
    if (cell.name == name) return cell;
    known += (known.empty() ? "" : ", ") + cell.name;
  }
  fail("unknown cell '{}'; choose one of {}", name, known);
}

std::vector<const CellInfo*> all_cells() {
  std::vector<const CellInfo*> cells;
  for (const CellInfo& cell : zoo()) cells.push_back(&cell);
  return cells;
}

}  // namespace recur
