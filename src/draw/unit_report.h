// What `recur inspect units` tells, however it is shown: some units along a text, the units that follow a feature of
// the text best, how far the gates are open, how large the states are. unit_page.h and unit_text.h show it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "infer/interpret.h"

namespace recur {

// One unit along the text.
struct UnitView {
  std::string title;               // "layer 1, state c, unit 57"
  std::string caption = {};        // "in quotes: r = 0.93"; may be empty
  bool gate = false;               // the values are in [0, 1]: how open a gate is
  std::vector<float> values = {};  // after each piece
};

// A feature of the text, and the units that follow it.
struct FeatureRow {
  struct Unit {
    std::string title;
    double correlation = 0;
  };
  std::string name, explanation;
  std::size_t positions = 0;  // of the text where the feature is not 0
  std::vector<Unit> units;    // by falling |correlation|
};

struct GateRow {
  std::string layer, gate;        // "layer 1", "forget gate"
  std::vector<Saturation> units;  // of each unit
};

struct StateRow {
  std::string layer, state;  // "layer 1", "state c"
  std::size_t units = 0;
  StateStatistics statistics;
};

struct UnitReport {
  std::string title;
  std::vector<std::string> pieces;  // the tokens; one after the other they are the text
  std::vector<UnitView> units;      // each with pieces.size() values
  std::vector<FeatureRow> features;
  std::vector<GateRow> gates;
  std::vector<StateRow> states;
};

// What the channels [first, first + count) are: the units of one state or gate of a layer.
struct ChannelGroup {
  std::string layer;  // "layer 1"
  std::string name;   // "state c", "forget gate"
  bool gate = false;  // in [0, 1]: it has saturation; else it has a state's statistics
  std::size_t first = 0, count = 0;
};

// "layer 1, state c, unit 57". The channel must be in one of the groups.
std::string channel_title(const std::vector<ChannelGroup>& groups, std::size_t channel);

// Everything from the activations [pieces.size(), channels]. The groups name all channels. Shown are the channels
// `chosen`, or if there are none, the best unit of each feature, each unit once, the strongest first, at most `most`; a
// unit with |r| below 0.3 follows nothing, and shows only if all do.
UnitReport make_unit_report(std::string title, std::vector<std::string> pieces, const Activations& activations,
                            const std::vector<ChannelGroup>& groups, const std::vector<std::size_t>& chosen,
                            std::size_t most = 6);

// What a value is divided by before it becomes a colour, from -1, blue, over 0, white, to 1, red: 1 if the unit stays
// within [-1, 1], else its largest magnitude.
float shade_scale(const UnitView& unit);
// The shade, from -levels to levels; 0 if the value is not finite.
int shade_of(float value, float scale, int levels);

// The pieces as they can be shown, one for each: a character of which the pieces hold only parts stands whole in the
// piece that completes it; control characters but \n and \t are written ^M, ^[; bytes that are not UTF-8 become marks.
std::vector<std::string> shown_pieces(const std::vector<std::string>& pieces);

}  // namespace recur
