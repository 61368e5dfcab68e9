// The zoo, and the reading of a cell's text into the engine's view of it.
#include "cells/zoo.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "base/error.h"
#include "recur/types/cell.h"

namespace recur {
namespace {

using derive::CellText;
using derive::StageText;

std::deque<CellInfo> built_in_cells() {
  std::deque<CellInfo> cells;
  add_plain_cells(cells);
  add_lstm_cells(cells);
  add_peephole_cells(cells);
  add_full_peephole_cells(cells);
  add_gru_cells(cells);
  add_parallel_cells(cells);
  return cells;
}

// All cells, and who may touch them now. A deque: what find_cell() returned stays where it is when cells are added.
struct Zoo {
  std::deque<CellInfo> cells = built_in_cells();
  std::mutex mutex;
};
Zoo& zoo() {
  static Zoo zoo;
  return zoo;
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

// The weight of a product of a stage; all its rows have one width, and so has what it multiplies.
std::size_t find_or_add_weight(CellInfo& cell, const Product& product, Width rows, int source) {
  const bool from_input = source == StageInfo::kInput;
  const Width columns = from_input ? Width::hidden : cell.slot_widths[static_cast<std::size_t>(source)];
  for (std::size_t w = 0; w < cell.weights.size(); ++w) {
    const CellInfo::Weight& known = cell.weights[w];
    if (known.name != product.weight) continue;
    if (known.from_input != from_input) {
      fail("cell {}: weight '{}' multiplies both the input and a state; give each its own", cell.name, product.weight);
    }
    if (known.rows != rows || known.columns != columns || known.bias != product.bias) {
      fail("cell {}: products of weight '{}' differ in width or bias; give each its own", cell.name, product.weight);
    }
    return w;
  }
  cell.weights.push_back({std::string(product.weight), from_input, product.bias, rows, columns, 0});
  return cell.weights.size() - 1;
}

StageInfo::ProductInfo read_product(CellInfo& cell, const StageText& text, const Product& product, std::size_t stage) {
  StageInfo::ProductInfo info;
  info.source = product.source == "x" ? StageInfo::kInput : static_cast<int>(find_slot(cell, product.source, stage));
  info.weight = find_or_add_weight(cell, product, text.kernels.width, info.source);
  info.first_row = cell.weights[info.weight].gates;
  for (const std::string_view name : product.gates) info.gates.push_back(find_gate(cell, text, name));
  cell.weights[info.weight].gates += info.gates.size();
  return info;
}

// What next() takes unit by unit must be as wide as the stage.
std::size_t read_slot(const CellInfo& cell, std::string_view name, std::size_t stage, Width width) {
  const std::size_t slot = find_slot(cell, name, stage);
  if (cell.slot_widths[slot] != width) {
    fail("cell {}: stage {} reads '{}', which has another width; multiply it by a matrix", cell.name, stage, name);
  }
  return slot;
}

// A state has the width of the stage that writes it.
Width width_of_state(std::string_view state, const std::vector<StageText>& stages) {
  for (const StageText& stage : stages) {
    if (std::find(stage.writes.begin(), stage.writes.end(), state) != stage.writes.end()) return stage.kernels.width;
  }
  return Width::hidden;
}

// `names`, of the list that the cell calls `list`, are states that start with this value.
void set_first_values(CellInfo& cell, const Names& names, std::string_view list, FirstValue value) {
  for (const std::string_view name : names) {
    const auto found = std::find(cell.slots.begin(), cell.slots.end(), name);
    if (found == cell.slots.end()) fail("cell {}: '{}' of its {} is no state", cell.name, name, list);
    cell.first_values[static_cast<std::size_t>(found - cell.slots.begin())] = value;
  }
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
  check(cell.units.size(), kMostUnits, "parameters of units");
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

CellInfo build_cell(const std::string& name, const CellText& cell_text, const std::vector<StageText>& stages) {
  CellInfo cell;
  cell.name = name;
  cell.year = cell_text.origin.year;
  cell.source = cell_text.origin.source;
  cell.equations = cell_text.origin.equations;
  cell.window = cell_text.window;
  cell.start = cell_text.start;
  cell.slots.assign(cell_text.states.begin(), cell_text.states.end());
  cell.states = cell_text.states.count;
  cell.first_values.resize(cell.states, FirstValue::any);
  set_first_values(cell, cell_text.zero_states, "zero_states", FirstValue::zero);
  set_first_values(cell, cell_text.lowest_states, "lowest_states", FirstValue::lowest);
  for (const std::string& state : cell.slots) cell.slot_widths.push_back(width_of_state(state, stages));
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const StageText& text = stages[s];
    StageInfo stage = text.kernels;
    stage.gates.assign(text.gates.begin(), text.gates.end());
    for (const Product& product : text.products) stage.products.push_back(read_product(cell, text, product, s));
    for (const std::string_view read : text.reads) stage.reads.push_back(read_slot(cell, read, s, stage.width));
    for (const UnitWeight& unit : text.units) {
      stage.units.push_back(cell.units.size());
      cell.units.push_back({std::string(unit.name), stage.width, unit.low, unit.high});
    }
    for (const std::string_view write : text.writes) {
      if (std::find(cell.slots.begin(), cell.slots.end(), write) == cell.slots.end()) {
        cell.slots.emplace_back(write);
        cell.slot_widths.push_back(stage.width);
      }
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
  const std::lock_guard lock(zoo().mutex);
  if (std::ranges::find(zoo().cells, cell.name, &CellInfo::name) != zoo().cells.end()) {
    fail("cell {}: there is a cell of that name already", cell.name);
  }
  zoo().cells.push_back(std::move(cell));
}

}  // namespace derive

bool CellInfo::multiplies_states() const {
  for (const StageInfo& stage : stages) {
    for (const auto& product : stage.products) {
      if (product.source != StageInfo::kInput) return true;
    }
  }
  return false;
}

bool CellInfo::has_output_width() const {
  return std::any_of(stages.begin(), stages.end(), [](const StageInfo& s) { return s.width == Width::output; });
}

const CellInfo& find_cell(std::string_view name) {
  const std::vector<const CellInfo*> cells = all_cells();
  std::string known;
  for (const CellInfo* cell : cells) {
    if (cell->name == name) return *cell;
    known += (known.empty() ? "" : ", ") + cell->name;
  }
  fail("unknown cell '{}'; choose one of {}", name, known);
}

std::vector<const CellInfo*> all_cells() {
  const std::lock_guard lock(zoo().mutex);
  std::vector<const CellInfo*> all;
  for (const CellInfo& cell : zoo().cells) all.push_back(&cell);
  return all;
}

}  // namespace recur
