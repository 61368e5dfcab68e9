#include "infer/prediction_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/show.h"

namespace recur {
namespace {

// Of the quantiles of a forecast the outer ones and the middle.
bool is_printed(std::size_t level) {
  return level == 0 || level + 1 == forecast_levels.size() || 2 * level + 1 == forecast_levels.size();
}

std::string header(const ForecastPrediction& p) {
  std::string line = p.dates.empty() ? "step,group,target,mean" : "date,group,target,mean";
  for (std::size_t i = 0; i < forecast_levels.size() && !p.quantiles.empty(); ++i) {
    if (is_printed(i)) line += fmt::format(",q{:.0f}", 100 * forecast_levels[i]);
  }
  return line + "\n";
}

// On one line: what would end it, or a column, becomes a blank.
std::string of_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

std::string probabilities(const std::vector<Probability>& labels) {
  std::string rest;
  for (const auto& [label, probability] : labels) rest += fmt::format("\t{}={:.6f}", label, probability);
  return rest + "\n";
}

struct Writer {
  std::size_t record;
  OutputLines kind;

  std::string operator()(const LabelPrediction& p) const { return p.label() + probabilities(p.labels); }
  std::string operator()(const LabelsPrediction& p) const {
    return fmt::format("{}", fmt::join(p.chosen, ",")) + probabilities(p.labels);
  }
  std::string operator()(const NotesPrediction& p) const { return fmt::format("{:.6f}\t{}\n", p.nats, p.steps.size()); }
  std::string operator()(const StrokesPrediction& p) const { return fmt::format("{:.6f}\t{}\n", p.nats, p.steps); }
  std::string operator()(const TagsPrediction& p) const {
    if (kind != OutputLines::numbered) return sequence(p, p.tags);
    std::string lines;
    for (std::size_t i = 0; i < p.best.size(); ++i) {
      const auto& [tags, log_probability] = p.best[i];
      if (p.words.empty()) {
        lines += fmt::format("{}\t{:.6f}\t{}", record, log_probability, sequence(p, tags));
      } else {
        lines += fmt::format("{}# {}\t{:.6f}\n{}", i == 0 ? "" : "\n", i + 1, log_probability, sequence(p, tags));
      }
    }
    return lines;
  }
  std::string sequence(const TagsPrediction& p, const std::vector<std::string>& tags) const {
    std::string lines;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (!p.words.empty()) lines += p.words[i] + "\t";
      lines += tags[i];
      if (!p.probabilities.empty()) lines += fmt::format("\t{:.6f}", p.probabilities[i]);
      lines += p.words.empty() && i + 1 < tags.size() ? "\t" : "\n";
    }
    return lines;
  }
  std::string operator()(const TextPrediction& p) const {
    std::string lines;
    for (const Output& output : p.outputs) {
      if (kind == OutputLines::numbered) lines += fmt::format("{}\t", record);
      if (kind != OutputLines::plain) lines += fmt::format("{:.6f}\t", output.score);
      lines += of_one_line(output.text) + "\n";
    }
    return lines;
  }
  std::string operator()(const NumbersPrediction& p) const {
    std::string line;
    for (std::size_t i = 0; i < p.numbers.values.size(); ++i) {
      const char* gap = i == 0 ? "" : i % p.numbers.width == 0 ? "\t" : " ";
      line += gap + number_text(p.numbers.values[i]);
    }
    return line + "\n";
  }
  std::string operator()(const ForecastPrediction& p) const {
    constexpr std::size_t kLevels = forecast_levels.size();
    std::string lines = record == 1 ? header(p) : "";
    for (std::size_t h = 0; h < p.mean.size(); ++h) {
      lines += fmt::format("{},{},{},{}", p.dates.empty() ? std::to_string(h + 1) : p.dates[h], csv_cell(p.group),
                           csv_cell(p.target), number_text(p.mean[h]));
      for (std::size_t i = 0; i < kLevels && !p.quantiles.empty(); ++i) {
        if (is_printed(i)) lines += "," + number_text(p.quantiles[h * kLevels + i]);
      }
      lines += "\n";
    }
    return lines;
  }
  std::string operator()(const ImagePrediction& p) const { return fmt::format("{:.6f}\n", p.nats); }
  std::string operator()(const TextScore& p) const {
    if (kind != OutputLines::tokens) {
      const double mean = p.tokens == 0 ? 0 : p.nats / static_cast<double>(p.tokens);
      return fmt::format("{:.6f}\t{}\t{:.7g}\t{}\n", p.nats, p.tokens, std::exp(mean), p.unknown);
    }
    std::string lines;
    for (const auto& [token, nats] : p.of) lines += fmt::format("{}\t{:.6f}\n", printable(token), nats);
    return lines + "\n";
  }
};

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == text.npos) return text;
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

std::string prediction_text(const Prediction& prediction, std::size_t record, OutputLines outputs) {
  return std::visit(Writer{record, outputs}, prediction);
}

}  // namespace recur
