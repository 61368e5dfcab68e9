#include "cli/network_flags.h"

#include <string>

#include "cli/flags.h"
#include "recur/cell.h"

namespace recur {
namespace {

void add_cell_flag(CLI::App& app, RecurrentOptions& o) {
  std::string cells;
  for (const CellInfo* cell : all_cells()) cells += (cells.empty() ? "" : ", ") + cell->name;
  const auto set_cell = [&o, cells](const std::string& name) {
    for (const CellInfo* cell : all_cells()) {
      if (cell->name == name) return void(o.cell = name);
    }
    refuse("--cell", "one of " + cells, name);
  };
  add_flag_with_value(app, "--cell", "NAME", "Recurrent cell; recur cells lists and explains them", set_cell, o.cell)
      ->group("Network");
}

void add_shape_flags(CLI::App& app, RecurrentOptions& o) {
  constexpr const char* kGroup = "Network";
  constexpr Connection kConnections[] = {Connection::none, Connection::residual, Connection::highway};
  add_count(app, "--layers", o.layers, 1, "Recurrent layers on top of each other", 1000)->group(kGroup);
  add_count(app, "--hidden", o.hidden, 1, "Units of each layer", 1'000'000)->group(kGroup);
  add_count(app, "--projection", o.projection, 0, "lstm-projection, jordan: width of the output; 0: as --hidden",
            1'000'000)
      ->group(kGroup);
  add_count(app, "--window", o.window, 0, "Inputs that each step sees, its own and those before; 0: the cell's own",
            1000)
      ->group(kGroup);
  add_choice(app, "--connection", o.connection, kConnections, "How a layer's input joins its output")->group(kGroup);
  add_switch(app, "--layer-norm", o.layer_norm, "Layer normalisation of every gate")->group(kGroup);
  add_switch(app, "--learned-state", o.learned_state, "States before the first step are learned, not zero")
      ->group(kGroup);
  add_real(app, "--state-clip", o.state_clip, kNotNegative, "Keep every state within [-X, X]; 0: not")->group(kGroup);
}

void add_regularisation_flags(CLI::App& app, RecurrentOptions& o) {
  constexpr const char* kGroup = "Regularisation";
  add_real(app, "--dropout", o.dropout, kShare, "Of the inputs of every layer and of the output")->group(kGroup);
  add_switch(app, "--variational", o.variational, "--dropout draws one mask a sequence, not one a step")->group(kGroup);
  add_real(app, "--state-dropout", o.state_dropout, kShare, "Of states before products, one mask a sequence")
      ->group(kGroup);
  add_real(app, "--weight-drop", o.weight_drop, kShare, "Of recurrent weights")->group(kGroup);
  add_real(app, "--zoneout", o.zoneout, kShare, "Share of outputs that keep their value of the step before")
      ->group(kGroup);
  add_real(app, "--zoneout-cell", o.zoneout_cell, kShare, "The same of the other states")->group(kGroup);
  add_real(app, "--activation-penalty", o.activation_penalty, kNotNegative, "Times the mean square of the output")
      ->group(kGroup);
  add_real(app, "--temporal-penalty", o.temporal_penalty, kNotNegative,
           "Times the mean square of the output's change from step to step")
      ->group(kGroup);
}

void add_start_flags(CLI::App& app, RecurrentOptions& o) {
  constexpr const char* kGroup = "Start";
  constexpr Initialiser kKinds[] = {Initialiser::standard, Initialiser::glorot, Initialiser::orthogonal,
                                    Initialiser::identity};
  constexpr Numbers kAny = {"a number", [](double) { return true; }};
  add_choice(app, "--init", o.initialiser, kKinds, "How recurrent layers' weights start")->group(kGroup);
  add_real(app, "--forget-bias", o.forget_bias, kAny, "Added to the start of the forget gates' bias")->group(kGroup);
}

}  // namespace

void add_bidirectional_flag(CLI::App& app, RecurrentOptions& options) {
  add_switch(app, "--bidirectional", options.bidirectional, "A second run from the last step to the first")
      ->group("Network");
}

void add_recurrent_flags(CLI::App& app, RecurrentOptions& options) {
  add_cell_flag(app, options);
  add_shape_flags(app, options);
  add_regularisation_flags(app, options);
  add_start_flags(app, options);
}

}  // namespace recur
