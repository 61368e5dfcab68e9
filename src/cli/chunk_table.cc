#include "cli/chunk_table.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

namespace recur {
namespace {

double percent(const nlohmann::ordered_json& metrics, const char* name) { return 100 * metrics[name].get<double>(); }

std::string rates(const nlohmann::ordered_json& metrics) {
  return fmt::format("precision: {:6.2f}%; recall: {:6.2f}%; FB1: {:6.2f}", percent(metrics, "precision"),
                     percent(metrics, "recall"), percent(metrics, "f1"));
}

}  // namespace

std::string chunk_table(const nlohmann::ordered_json& metrics) {
  const auto types = metrics.find("per_type");
  if (types == metrics.end()) return "";
  std::uint64_t expected = 0, predicted = 0, correct = 0;
  std::string lines;
  for (const auto& [type, counts] : types->items()) {
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

}  // namespace recur
