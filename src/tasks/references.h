// What outputs are compared with where data has several right ones for a source.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/read_records.h"
#include "measures/bleu.h"
#include "measures/chrf.h"
#include "recur/types/prediction.h"
#include "recur/types/task.h"

namespace recur {

// The references of each record: its target, and of each file the line with its number, unless that is empty. Throws
// Error where the task does not translate, or a file has other than a line a record.
std::vector<std::vector<std::string>> read_references(const TaskOptions& options, const RecordData& data,
                                                      std::span<const std::string> files);

// What a translator writes for records, against all of their references, and how probable their targets are to it.
class ReferenceScores {
 public:
  explicit ReferenceScores(std::vector<std::vector<std::string>> references) : references_(std::move(references)) {}

  void add_target(const TextScore& score);
  // For a record, counted from 0; null: an empty output, as of a source that is white space.
  void add_output(std::size_t record, const TextPrediction* prediction);
  // Outputs among them that had not ended at their longest.
  std::uint64_t cut_outputs() const { return cut_outputs_; }
  // records; references, the most of any; bleu and chrf, 0 to 100; nats_per_token, perplexity; and, where there are
  // any, unknown, cut_outputs, and cut: records over the length, which whoever read them knows.
  nlohmann::ordered_json metrics(std::uint64_t cut) const;

 private:
  std::vector<std::vector<std::string>> references_;  // of each record
  Bleu bleu_;
  ChrF chrf_;
  TextScore targets_;  // of all
  std::uint64_t cut_outputs_ = 0;
};

}  // namespace recur
