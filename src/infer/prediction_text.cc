#include "infer/prediction_text.h"

#include <fmt/format.h>

namespace recur {
namespace {

struct Writer {
  std::size_t record;
  OutputLines kind;

  std::string operator()(const LabelPrediction& p) const {
    std::string line = p.label();
    for (const auto& [label, probability] : p.labels) line += fmt::format("\t{}={:.6f}", label, probability);
    return line + "\n";
  }
  std::string operator()(const TagsPrediction& p) const {
    std::string lines;
    if (p.words.empty()) return fmt::format("{}\n", fmt::join(p.tags, "\t"));
    for (std::size_t i = 0; i < p.tags.size(); ++i) lines += p.words[i] + "\t" + p.tags[i] + "\n";
    return lines;
  }
  std::string operator()(const TextPrediction& p) const {
    std::string lines;
    for (const Output& output : p.outputs) {
      if (kind == OutputLines::numbered) lines += fmt::format("{}\t", record);
      if (kind != OutputLines::plain) lines += fmt::format("{:.6f}\t", output.score);
      lines += output.text + "\n";
    }
    return lines;
  }
  std::string operator()(const NumbersPrediction& p) const {
    std::string line;
    for (std::size_t i = 0; i < p.numbers.values.size(); ++i) {
      const char* gap = i == 0 ? "" : i % p.numbers.width == 0 ? "\t" : " ";
      line += fmt::format("{}{:.7g}", gap, p.numbers.values[i]);
    }
    return line + "\n";
  }
  std::string operator()(const TextScore& p) const { return fmt::format("{:.6f}\t{}\n", p.nats, p.tokens); }
};

}  // namespace

std::string prediction_text(const Prediction& prediction, std::size_t record, OutputLines outputs) {
  return std::visit(Writer{record, outputs}, prediction);
}

}  // namespace recur
