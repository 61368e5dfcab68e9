#include "cli/label_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/show.h"
#include "base/utf8.h"

namespace recur {

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

}  // namespace recur
