#include "recur/types/cell.h"
#include "recur/types/network.h"
#include "recur/types/options.h"

namespace recur {
namespace {

constexpr Counts kWidths = {0, 1'000'000};

std::string expected_cell(const std::string& name) {
  std::string names;
  for (const CellInfo* cell : all_cells()) {
    if (cell->name == name) return "";
    names += (names.empty() ? "one of " : ", ") + cell->name;
  }
  return names;
}

void list_shape(OptionList& list, RecurrentOptions& o) {
  list.group("Network");
  list.text("cell", o.cell, "NAME", "Recurrent cell; recur cells lists and explains them", expected_cell);
  list.count("layers", o.layers, {1, 1000}, "Recurrent layers on top of each other");
  list.count("hidden", o.hidden, {1, kWidths.most}, "Units of each layer");
  list.count("projection", o.projection, kWidths, "lstm-projection, jordan: width of the output; 0: as --hidden");
  list.count("window", o.window, {0, 1000}, "Inputs that each step sees, its own and those before; 0: the cell's own");
  list.choice("connection", o.connection, "How a layer's input joins its output");
  list.flag("layer-norm", o.layer_norm, "Layer normalisation of every gate");
  list.flag("learned-state", o.learned_state, "States before the first step are learned, not zero");
  list.real("state-clip", o.state_clip, kSize, "Keep every state within [-X, X]; 0: not");
}

void list_regularisation(OptionList& list, RecurrentOptions& o) {
  list.group("Regularisation");
  list.real("dropout", o.dropout, kShare, "Of the inputs of every layer and of the output");
  list.flag("variational", o.variational, "--dropout draws one mask a sequence, not one a step");
  list.real("state-dropout", o.state_dropout, kShare, "Of states before products, one mask a sequence");
  list.real("weight-drop", o.weight_drop, kShare, "Of recurrent weights");
  list.real("zoneout", o.zoneout, kShare, "Share of outputs that keep their value of the step before");
  list.real("zoneout-cell", o.zoneout_cell, kShare, "The same of the other states");
  list.real("activation-penalty", o.activation_penalty, kSize, "Times the mean square of the output");
  list.real("temporal-penalty", o.temporal_penalty, kSize,
            "Times the mean square of the output's change from step to step");
}

}  // namespace

void list_options(OptionList& list, RecurrentOptions& o) {
  list_shape(list, o);
  list_regularisation(list, o);
  list.group("Start");
  list.choice("init", o.initialiser, "How recurrent layers' weights start");
  list.real("forget-bias", o.forget_bias, kAnySize, "Added to the start of the forget gates' bias");
}

void list_bidirectional(OptionList& list, RecurrentOptions& o) {
  list.group("Network");
  list.flag("bidirectional", o.bidirectional, "A second run from the last step to the first");
}

void list_every(OptionList& list, RecurrentOptions& o) {
  list.group("Network");
  list.count("every", o.every, {1, 100}, "Each layer reads each N-th step of the one below");
  list.need("every", {.name = "layers", .least = 2});
}

void list_embedding(OptionList& list, std::size_t& width, float& dropout, const char* help) {
  list.group("Network");
  list.count("embedding", width, kWidths, help);
  list.group("Regularisation");
  list.real("embedding-dropout", dropout, kShare, "Of whole rows of the embedding");
}

}  // namespace recur
