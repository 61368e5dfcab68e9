#include "cli/metrics_log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/option_json.h"

namespace recur {
namespace {

// A rate of 0.1 as 0.1, not as the 0.10000000149011612 that a float of it is.
nlohmann::json as_written(const OptionValue& value) {
  return std::holds_alternative<double>(value) ? nlohmann::json::parse(to_text(value)) : to_json(value);
}

}  // namespace

MetricsLog::MetricsLog(const std::string& path, bool append)
    : path_(path), file_(path, append ? std::ios::app : std::ios::trunc) {
  if (!file_) fail("{}: cannot open: {}", path_, std::strerror(errno));
}

void MetricsLog::write(const TrainingReport& r) {
  nlohmann::ordered_json line = {{"step", r.step},
                                 {"epoch", r.epoch},
                                 {"tokens", r.predictions},
                                 {"train_loss", r.train_loss},
                                 {"valid_loss", nullptr},
                                 {"gradient_norm", r.gradient_norm},
                                 {"clipped_share", r.clipped_share},
                                 {"learning_rate", r.learning_rate},
                                 {"tokens_per_second", r.predictions_per_second},
                                 {"seconds", r.seconds}};
  if (r.valid_loss) line["valid_loss"] = *r.valid_loss;
  if (r.valid_loss && r.measure != nullptr) line[std::string("valid_") + r.measure] = r.valid_measure;
  write_line(line.dump());
}

void MetricsLog::write(std::uint64_t step, const std::vector<ChangedOption>& options) {
  nlohmann::ordered_json changed;
  for (const auto& [name, before, now] : options) {
    changed[name] = {{"before", as_written(before)}, {"now", as_written(now)}};
  }
  write_line(nlohmann::ordered_json{{"step", step}, {"changed", changed}}.dump());
}

void MetricsLog::write(std::uint64_t step, const std::string& label, const std::string& sample) {
  nlohmann::ordered_json line = {{"step", step}};
  if (!label.empty()) line["label"] = label;
  line["sample"] = sample;
  // A model of bytes may write what is no UTF-8.
  write_line(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void MetricsLog::write_line(const std::string& line) {
  file_ << line << std::endl;
  if (!file_) fail("{}: cannot write: {}", path_, std::strerror(errno));
}

}  // namespace recur
