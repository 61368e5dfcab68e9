#include "api/given_knobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/show.h"
#include "data/knob_field.h"

namespace recur {

std::vector<NamedCell> given_knobs(const Network& network, const std::vector<Knob>& knobs) {
  std::vector<NamedCell> cells;
  for (const Knob& knob : knobs) {
    checked_knob(*network.knobs()[knob_named(network.knobs(), knob.name)], knob.value);
    if (std::ranges::find(cells, knob.name, &NamedCell::field) != cells.end()) {
      fail("knob {}: is given twice", quote(knob.name));
    }
    cells.push_back({knob.name, Numbers{{knob.value}, 1}});
  }
  return cells;
}

void note_outside(const Network& network, const Records& records, Predicted& predicted) {
  for (std::size_t record = 0; record < records.size(); ++record) {
    bool outside = false;
    for (std::size_t i = 0; i < network.fields().size(); ++i) {
      const auto* knob = dynamic_cast<const KnobField*>(network.fields()[i].get());
      if (knob == nullptr || knob->covers(records.columns[i], record)) continue;
      if (!outside && predicted.outside++ == 0) {
        const double value = std::get<Numbers>(knob->cell(records.columns[i], record)).values.front();
        predicted.outside_what =
            fmt::format("record {}: the knob {} stands at {:.6g}, and the training data has it {}",
                        predicted.records + record + 1, quote(knob->name()), value, knob->describe());
      }
      outside = true;
    }
  }
}

}  // namespace recur
