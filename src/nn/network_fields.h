// The fields of recur/network.h by the names of their flags, for base/json_fields.h.
#pragma once

#include "recur/network.h"

namespace recur {

template <class Options, class Visit>
void visit_recurrent(Options& o, const Visit& visit) {
  visit("cell", o.cell);
  visit("layers", o.layers);
  visit("hidden", o.hidden);
  visit("projection", o.projection);
  visit("window", o.window);
  visit("connection", o.connection);
  visit("layer-norm", o.layer_norm);
  visit("learned-state", o.learned_state);
  visit("state-clip", o.state_clip);
  visit("dropout", o.dropout);
  visit("variational", o.variational);
  visit("state-dropout", o.state_dropout);
  visit("weight-drop", o.weight_drop);
  visit("zoneout", o.zoneout);
  visit("zoneout-cell", o.zoneout_cell);
  visit("activation-penalty", o.activation_penalty);
  visit("temporal-penalty", o.temporal_penalty);
  visit("init", o.initialiser);
  visit("forget-bias", o.forget_bias);
}

}  // namespace recur
