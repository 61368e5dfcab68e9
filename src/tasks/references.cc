#include "tasks/references.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ranges>

#include "base/error.h"
#include "data/line_reader.h"
#include "data/token_scanner.h"
#include "data/white_space.h"
#include "tasks/network.h"

namespace recur {
namespace {

void add_lines(const std::string& path, const std::string& data, std::vector<std::vector<std::string>>& references) {
  const InputFile file(path);
  LineReader lines(file);
  std::size_t record = 0;
  for (; lines.next(); ++record) {
    if (record < references.size() && !lines.blank()) references[record].emplace_back(lines.line());
  }
  if (record != references.size()) {
    fail("--reference: {} has {} lines, {} {} records; expected a line for each", file.name(), record, data,
         references.size());
  }
}

}  // namespace

std::vector<std::vector<std::string>> read_references(const TaskOptions& options, const RecordData& data,
                                                      std::span<const std::string> files) {
  const Recipe recipe = options.make_recipe(InputKind::text);
  const auto* decoder = std::get_if<DecoderSpec>(&recipe.head);
  if (decoder == nullptr || decoder->source.empty() || decoder->measure == OutputMeasure::rouge) {
    fail("--reference: only a translator has a use for it; this model's task is {}", options.task());
  }
  const Fields fields = blank_fields(options, data);
  const std::size_t target = field_named(fields, decoder->field, "references");
  std::vector<std::vector<std::string>> references;
  const auto source = data.open(requests_of(fields), {});
  while (source->next()) references.push_back({std::get<std::string>((*source)[target])});
  if (references.empty()) fail_without_records(fields, data);
  for (const std::string& file : files) add_lines(file, data.name(), references);
  const auto* text = std::get_if<TextSpec>(&recipe.fields[target].kind);
  if (text != nullptr && text->codec.words.lowercase) {
    for (std::string& reference : std::views::join(references)) reference = lower_case(reference);
  }
  return references;
}

void ReferenceScores::add_target(const TextScore& score) {
  targets_.nats += score.nats;
  targets_.tokens += score.tokens;
  targets_.unknown += score.unknown;
}

void ReferenceScores::add_output(std::size_t record, const TextPrediction* prediction) {
  const Output output = prediction == nullptr ? Output() : prediction->outputs.front();
  std::vector<std::vector<std::string>> words;
  for (const std::string& reference : references_[record]) words.push_back(cut_at_blanks(reference));
  bleu_.add(words, cut_at_blanks(output.text));
  chrf_.add(references_[record], output.text);
  cut_outputs_ += output.ended ? 0 : 1;
}

nlohmann::ordered_json ReferenceScores::metrics(std::uint64_t cut) const {
  std::size_t most = 0;
  for (const std::vector<std::string>& of_record : references_) most = std::max(most, of_record.size());
  const double nats = targets_.nats / static_cast<double>(targets_.tokens);
  nlohmann::ordered_json metrics = {{"records", references_.size()}, {"references", most},
                                    {"bleu", bleu_.score()},         {"chrf", chrf_.score()},
                                    {"nats_per_token", nats},        {"perplexity", std::exp(nats)}};
  if (targets_.unknown > 0) metrics["unknown"] = targets_.unknown;
  if (cut_outputs_ > 0) metrics["cut_outputs"] = cut_outputs_;
  if (cut > 0) metrics["cut"] = cut;
  return metrics;
}

}  // namespace recur
