// recur inspect gradients: how far back a model's loss sees.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "draw/svg_chart.h"
#include "recur/inspect.h"

namespace recur {
namespace {

constexpr const char* kInspectGradientsDescription =
    "Measure how far back a model's loss sees: its gradient in each state, step by step\n"
    "\n"
    "The text is read in windows of --steps tokens, states carried from each to the next. The loss is that of the "
    "last\n"
    "step T alone; a(t) is a state of a layer after step t. Prints the norm of d loss(T) / d a(t) against T - t, its\n"
    "mean over up to 1,024 windows, and after how many steps it is below a tenth and a hundredth of its largest.";
constexpr const char* kInspectGradientsExamples =
    "Examples:\n"
    "  recur inspect gradients book.safetensors --data other.txt\n"
    "  recur inspect gradients book.safetensors --data other.txt --steps 200 --out gradients.svg";

constexpr std::size_t kMostSteps = 100'000;

struct InspectGradientsArguments {
  std::string model, data, out;
  std::size_t steps = 50;
  bool as_json = false;
};

// 0, 1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 50, 70, 100, 150, ... and the last.
std::vector<std::size_t> shown_distances(std::size_t steps) {
  std::vector<std::size_t> distances = {0, 1, 2, 3, 5, 8};
  for (std::size_t decade = 1; decade * 10 < steps; decade *= 10) {
    for (const std::size_t tenths : {10U, 15U, 20U, 30U, 40U, 50U, 70U}) distances.push_back(tenths * decade);
  }
  std::erase_if(distances, [steps](std::size_t distance) { return distance + 1 >= steps; });
  distances.push_back(steps - 1);
  return distances;
}

std::string name_of(const StateGradient& state) { return fmt::format("layer {} {}", state.layer, state.state); }

std::string table(const GradientReach& reach, std::size_t steps) {
  std::vector<std::size_t> widths;
  std::string text = fmt::format("{:>11}", "T - t");
  for (const StateGradient& state : reach.states) {
    widths.push_back(std::max<std::size_t>(name_of(state).size(), 9) + 2);
    text += fmt::format("{:>{}}", name_of(state), widths.back());
  }
  const auto add_row = [&](const std::string& head, const auto& cell) {
    text += fmt::format("\n{:>11}", head);
    for (std::size_t i = 0; i < widths.size(); ++i) text += fmt::format("{:>{}}", cell(reach.states[i]), widths[i]);
  };
  for (const std::size_t distance : shown_distances(steps)) {
    add_row(std::to_string(distance),
            [distance](const StateGradient& state) { return fmt::format("{:.3g}", state.norms[distance]); });
  }
  text += "\n";
  for (const auto& [head, share] : {std::pair("below 1/10", 0.1), std::pair("below 1/100", 0.01)}) {
    add_row(head, [steps, share = share](const StateGradient& state) {
      const std::optional<std::size_t> below = state.steps_below(share);
      return below ? std::to_string(*below) : fmt::format("> {}", steps - 1);
    });
  }
  return text + "\n";
}

std::string summary(const GradientReach& reach, std::size_t steps) {
  return fmt::format(
      "norm of the gradient of the loss at step T in the states after step t:\n"
      "mean over {} windows of {} steps in {} streams; {:.3f} nats a token\n\n",
      with_thousands(reach.windows), steps, reach.streams, reach.nats_per_token);
}

std::string json_text(const GradientReach& reach, std::size_t steps) {
  using nlohmann::ordered_json;
  const auto steps_or_null = [](const std::optional<std::size_t>& count) {
    return count ? ordered_json(*count) : ordered_json(nullptr);
  };
  ordered_json states = ordered_json::array();
  for (const StateGradient& state : reach.states) {
    states.push_back({{"layer", state.layer},
                      {"state", state.state},
                      {"norms", state.norms},
                      {"below_tenth", steps_or_null(state.steps_below(0.1))},
                      {"below_hundredth", steps_or_null(state.steps_below(0.01))}});
  }
  ordered_json report = {{"steps", steps},
                         {"windows", reach.windows},
                         {"streams", reach.streams},
                         {"nats_per_token", reach.nats_per_token},
                         {"states", states}};
  if (reach.unseen > 0) report["unseen"] = reach.unseen;
  return report.dump() + "\n";
}

std::string chart(const GradientReach& reach, const RecurrentOptions& network) {
  Chart chart{
      .title = fmt::format("How far back the loss sees: {} {} × {}", network.cell, network.layers, network.hidden),
      .x_label = "T − t, steps from the state to the loss",
      .y_label = "norm of ∂ loss(T) / ∂ a(t)",
      .log_y = true};
  for (const StateGradient& state : reach.states) {
    ChartSeries series{.name = name_of(state)};
    for (std::size_t k = 0; k < state.norms.size(); ++k) {
      series.points.emplace_back(static_cast<double>(k), state.norms[k]);
    }
    chart.series.push_back(std::move(series));
  }
  return svg_chart(chart);
}

int inspect(const InspectGradientsArguments& options) {
  check_other_file("--out", options.out, {options.model, options.data});
  if (!options.out.empty() && !options.out.ends_with(".svg")) {
    throw Misuse(fmt::format("--out: expected the name of a .svg file, got {}", options.out));
  }
  std::optional<OutputFile> file;
  if (!options.out.empty()) file.emplace(options.out);
  const Model model = Model::load(options.model);
  const GradientReach reach = measure_gradients(model, options.data, options.steps);
  if (reach.unseen > 0) {
    complain(fmt::format("{}: {} tokens that the model has never seen are left out", shown_name(options.data),
                         with_thousands(reach.unseen)));
  }
  if (file) {
    file->write(chart(reach, model.options().make_recipe(InputKind::text).network));
    file->commit();
  }
  write_out(options.as_json ? json_text(reach, options.steps)
                            : summary(reach, options.steps) + table(reach, options.steps));
  return kDone;
}

}  // namespace

Command inspect_gradients_command() {
  const auto options = std::make_shared<InspectGradientsArguments>();
  Command command{"gradients", kInspectGradientsDescription, kInspectGradientsExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list_data(list, options->data, "The text; - is standard input");
  list.text("out", options->out, "FILE.svg", "Also draw the norms, on a logarithmic scale");
  list.count("steps", options->steps, {1, kMostSteps}, "Tokens of a window; T - t goes up to N - 1");
  list.flag("json", options->as_json, "Print one JSON object, with the norm at every distance");
  list_threads(list);
  command.run = [options](const Given&) { return inspect(*options); };
  return command;
}

}  // namespace recur
