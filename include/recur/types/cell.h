// A cell is its equations. A cell is a struct:
//
//   struct Lstm {
//     static constexpr Names states = {"h", "c"};                                   // the first is the output
//     static constexpr Names gates = {"input", "forget", "candidate", "output"};    // matrix products, summed
//     static constexpr Names reads = {"c"};                                         // states read unit by unit
//     static auto next(auto i, auto f, auto g, auto o, auto c) {
//       auto c2 = sigmoid(f) * c + sigmoid(i) * tanh(g);
//       return results(sigmoid(o) * tanh(c2), c2);                                  // the new states
//     }
//   };
//
// next() is written once, over numbers of any kind, from + - * /, tanh, sigmoid, log_sigmoid, relu, exp and max. From
// that one text come the forward kernel for every SIMD width, the backward kernel (derived at compile time:
// forward-mode duals whose set of non-zero partials is part of their type), the double reference that gradient checks
// use, and the activations of the gates that `recur inspect` shows.
//
// What a cell may say besides:
//
//   products    the matrix products of a stage; by default every gate is W_ih x + b_ih + W_hh h + b_hh
//   units       parameters of one number a unit, passed to next() after what is read: peepholes
//   stages      using stages = std::tuple<...>: where a product needs an earlier stage's result, each stage is a struct
//               with its own gates, products, reads, units, writes and next()
//   equations   in the place of next(): another stage, whose next() it is; its kernels then are compiled once in a
//               source file
//   width       Width::output: the stage's gates and what it writes have the layer's output width, not the hidden size
//   window      the layer's input is so many of its inputs side by side, the latest first
//   start       where its recurrent matrices start
//   zero_states the states that are 0 before the first step, whatever a network would rather learn them to be
//   lowest_states
//               the states that are the largest of what there has been, which before the first step is below
//               everything; zoneout leaves them alone, for no average with that makes sense
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/types/cell_info.h"
#include "recur/types/derive_cell.h"

namespace recur {

// The engine's view of a cell.
template <class Cell>
CellInfo describe_cell(const std::string& name) {
  return derive::build_cell(name, derive::cell_text<Cell>(), derive::stage_texts<Cell>());
}

// Adds a cell to the zoo under a name: from then on models, the model file and the command line know it. Throws Error
// when the name is taken or the cell's names do not fit together.
template <class Cell>
void add_cell(const std::string& name) {
  derive::register_cell(describe_cell<Cell>(name));
}

// The cell of that name; throws Error listing the known names.
const CellInfo& find_cell(std::string_view name);
// Every cell, in the order in which they were added.
std::vector<const CellInfo*> all_cells();

}  // namespace recur
