// recur inspect units: what a model's units do along a text.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/unit_text.h"
#include "draw/unit_page.h"
#include "draw/unit_report.h"
#include "recur/inspect.h"

namespace recur {
namespace {

constexpr const char* kInspectUnitsDescription =
    "Show what a model's units do while it reads, and which of them follow something in the text\n"
    "\n"
    "The model reads the first --length tokens of the text from its first states. Of every unit of every state, gate\n"
    "and other activation it is measured how closely it follows features of the text: quotes, brackets, the position\n"
    "in the line, ... Prints the units that do best, how often the gates are all but closed or open, and how large the\n"
    "states are; before that, the text coloured by a unit: those of --unit, or the best. Where there are no colours\n"
    "(standard output is a file, or NO_COLOR is set), the units of --unit are tables of values.\n"
    "\n"
    "--out writes a page with the same for a browser, which needs no other file.";
constexpr const char* kInspectUnitsExamples =
    "Examples:\n"
    "  recur inspect units book.safetensors --data other.txt --out units.html\n"
    "  recur inspect units book.safetensors --data other.txt --unit 0:c:57 --unit 1:forget:3 --length 500";

constexpr std::size_t kMostLength = 10'000'000;

struct InspectUnitsArguments {
  std::string model, data, out;
  std::vector<std::string> units;
  std::size_t length = 5000;
  bool as_json = false;
};

std::string title_of(const UnitGroup& group) {
  switch (group.kind) {
    case UnitKind::state:
      return "state " + group.name;
    case UnitKind::gate:
      return group.name + " gate";
    default:
      return group.name;
  }
}

std::vector<ChannelGroup> channel_groups(const std::vector<UnitGroup>& groups) {
  std::vector<ChannelGroup> channels;
  for (const UnitGroup& group : groups) {
    channels.push_back({fmt::format("layer {}", group.layer), title_of(group), group.kind == UnitKind::gate,
                        group.first, group.count});
  }
  return channels;
}

// "c, forget, ...": the groups of a layer.
std::string names_of(const std::vector<UnitGroup>& groups, std::size_t layer) {
  std::string names;
  for (const UnitGroup& group : groups) {
    if (group.layer == layer) names += (names.empty() ? "" : ", ") + group.name;
  }
  return names;
}

// The channel of LAYER:NAME:NUMBER.
std::size_t channel_of(const std::string& text, const std::vector<UnitGroup>& groups) {
  const std::size_t name = text.find(':') + 1, number = text.rfind(':') + 1;
  if (number <= name)
    fail("--unit: expected LAYER:STATE_OR_GATE:NUMBER, such as 0:{}:0, got {}", groups[0].name, quote(text));
  const std::string wanted = text.substr(name, number - 1 - name);
  const auto layer = parse_number<std::size_t>(std::string_view(text).substr(0, name - 1));
  const auto unit = parse_number<std::size_t>(std::string_view(text).substr(number));
  if (!layer || *layer > groups.back().layer) {
    fail("--unit {}: expected a layer from 0 to {}, got {}", quote(text), groups.back().layer,
         quote(text.substr(0, name - 1)));
  }
  const auto group =
      std::ranges::find_if(groups, [&](const UnitGroup& g) { return g.layer == *layer && g.name == wanted; });
  if (group == groups.end()) {
    fail("--unit {}: expected one of {}, got {}", quote(text), names_of(groups, *layer), quote(wanted));
  }
  if (!unit || *unit >= group->count) {
    fail("--unit {}: expected a unit from 0 to {}, got {}", quote(text), group->count - 1, quote(text.substr(number)));
  }
  return group->first + *unit;
}

std::string json_text(const UnitReport& report, bool with_values) {
  using nlohmann::ordered_json;
  ordered_json features = ordered_json::array(), gates = features, states = features, units = features;
  for (const FeatureRow& feature : report.features) {
    ordered_json followers = ordered_json::array();
    for (const FeatureRow::Unit& unit : feature.units)
      followers.push_back({{"unit", unit.title}, {"r", unit.correlation}});
    features.push_back({{"name", feature.name},
                        {"explanation", feature.explanation},
                        {"positions", feature.positions},
                        {"units", followers}});
  }
  for (const GateRow& gate : report.gates) {
    const SaturationSummary s = summarize(gate.units);
    gates.push_back({{"layer", gate.layer},
                     {"gate", gate.gate},
                     {"units", s.units},
                     {"steps_below_0.1", s.mean.left},
                     {"steps_above_0.9", s.mean.right},
                     {"units_mostly_below_0.1", s.mostly_left},
                     {"units_mostly_above_0.9", s.mostly_right}});
  }
  for (const StateRow& state : report.states) {
    states.push_back({{"layer", state.layer},
                      {"state", state.state},
                      {"units", state.units},
                      {"mean", state.statistics.mean},
                      {"deviation", state.statistics.deviation},
                      {"magnitude_above_0.9", state.statistics.saturated}});
  }
  ordered_json json = {{"length", report.pieces.size()}, {"features", features}, {"gates", gates}, {"states", states}};
  if (with_values) {
    for (const UnitView& unit : report.units) units.push_back({{"unit", unit.title}, {"values", unit.values}});
    json["tokens"] = shown_pieces(report.pieces);
    json["units"] = units;
  }
  return json.dump() + "\n";
}

std::string text_of(const UnitReport& report, bool chosen) {
  std::string text;
  const bool colour = output_has_colour();
  for (std::size_t i = 0; i < report.units.size() && (chosen || (colour && i == 0)); ++i) {
    text += unit_text(report.pieces, report.units[i], colour) + "\n";
  }
  return text + unit_tables_text(report);
}

int inspect(const InspectUnitsArguments& options) {
  check_other_file("--out", options.out, {options.model, options.data});
  std::optional<OutputFile> file;
  if (!options.out.empty()) file.emplace(options.out);
  const Model model = Model::load(options.model);
  const std::vector<UnitGroup> groups = unit_groups(model);
  std::vector<std::size_t> chosen;
  for (const std::string& unit : options.units) chosen.push_back(channel_of(unit, groups));

  const UnitTrace trace = trace_units(model, options.data, options.length);
  if (trace.unseen > 0) {
    complain(fmt::format("{}: {} tokens that the model has never seen are left out", shown_name(options.data),
                         with_thousands(trace.unseen)));
  }
  std::vector<std::string> pieces;
  for (const int token : trace.tokens) pieces.push_back(model.decode(token));
  const UnitReport report = make_unit_report(fmt::format("{} reads {}", options.model, options.data), std::move(pieces),
                                             {trace.values, trace.channels}, channel_groups(groups), chosen);
  if (file) {
    file->write(unit_page(report));
    file->commit();
  }
  write_out(options.as_json ? json_text(report, !chosen.empty()) : text_of(report, !chosen.empty()));
  return kDone;
}

}  // namespace

Command inspect_units_command() {
  const auto options = std::make_shared<InspectUnitsArguments>();
  Command command{"units", kInspectUnitsDescription, kInspectUnitsExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list_data(list, options->data, "The text; - is standard input");
  list.text("out", options->out, "PAGE.html", "Also write a page for a browser");
  list.texts("unit", options->units, "LAYER:NAME:N",
             "Show this unit: layer 1, forget gate, unit 3 is 1:forget:3; may be given several times");
  list.count("length", options->length, {1, kMostLength}, "Tokens to read");
  list.flag("json", options->as_json, "Print one JSON object; with --unit also tokens and values");
  list_threads(list);
  command.run = [options](const Given&) { return inspect(*options); };
  return command;
}

}  // namespace recur
