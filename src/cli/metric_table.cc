#include "cli/metric_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/show.h"
#include "base/utf8.h"

namespace recur {
namespace {

std::string label_table(const nlohmann::ordered_json& metrics) {
  const auto& rates = metrics["per_label"];
  std::size_t width = 5;
  for (const auto& [label, of] : rates.items()) {
    const std::string shown = printable(label);
    width = std::max(width, static_cast<std::size_t>(std::ranges::count_if(shown, begins_character)));
  }
  std::string text = fmt::format("{:{}}  precision    recall        f1   support\n", "label", width);
  for (const auto& [label, of] : rates.items()) {
    text +=
        fmt::format("{:{}}  {:9.4f}  {:8.4f}  {:8.4f}  {:8}\n", printable(label), width, of["precision"].get<double>(),
                    of["recall"].get<double>(), of["f1"].get<double>(), of["support"].get<std::uint64_t>());
  }
  text += "\n";
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number_float()) text += fmt::format("{:26}  {:.4f}\n", name, value.get<double>());
    if (value.is_number_integer()) text += fmt::format("{:26}  {}\n", name, value.get<std::uint64_t>());
  }
  return text;
}

double percent(const nlohmann::ordered_json& metrics, const char* name) { return 100 * metrics[name].get<double>(); }

std::string rates(const nlohmann::ordered_json& metrics) {
  return fmt::format("precision: {:6.2f}%; recall: {:6.2f}%; FB1: {:6.2f}", percent(metrics, "precision"),
                     percent(metrics, "recall"), percent(metrics, "f1"));
}

std::string chunk_table(const nlohmann::ordered_json& metrics) {
  std::uint64_t expected = 0, predicted = 0, correct = 0;
  std::string lines;
  for (const auto& [type, counts] : metrics["per_type"].items()) {
    const auto found = counts["predicted"].get<std::uint64_t>();
    lines += fmt::format("{:>17}: {}  {}\n", type, rates(counts), found);
    predicted += found;
    expected += counts["expected"].get<std::uint64_t>();
    correct += counts["correct"].get<std::uint64_t>();
  }
  return fmt::format("processed {} tokens with {} phrases; found: {} phrases; correct: {}.\naccuracy: {:6.2f}%; {}\n",
                     metrics["words"].get<std::uint64_t>(), expected, predicted, correct, percent(metrics, "accuracy"),
                     rates(metrics)) +
         lines;
}

}  // namespace

std::string metric_table(const nlohmann::ordered_json& metrics) {
  if (metrics.contains("per_label")) return label_table(metrics);
  return metrics.contains("per_type") ? chunk_table(metrics) : "";
}

}  // namespace recur
