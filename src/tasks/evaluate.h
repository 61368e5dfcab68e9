// Runs a network over records: predictions, and how good they are.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "measures/measures.h"
#include "nn/heads/fitted_head.h"
#include "tasks/network.h"
#include "tasks/task.h"

namespace recur {

// Calls use(record, prediction) for every record, in an order of its own.
void predict(const Network& network, const Records& records, const PredictOptions& options,
             const std::function<void(std::size_t record, Prediction&& prediction)>& use);

// Calls use(batch, encoding) for batches of all records, in an order of their own. Throws Error of a network that reads
// in windows.
void encode_batches(const Network& network, const Records& records,
                    const std::function<void(const Batch& batch, const Encoding& encoding)>& use);

struct Evaluated {
  LossSum loss;
  std::unique_ptr<Measures> measures;  // null where no predictions were asked for
  double share = 1;                    // of the records, that this is over
};
// Measures predictions that are made so, or, without options, only the loss. Stops after a batch when there is
// `enough`.
Evaluated evaluate(const Network& network, const Records& records, const std::optional<PredictOptions>& options,
                   const Enough& enough = {});
// The same of validation records, to which the head is fitted before it predicts. Throws Error where the head's scores
// are not finite.
Evaluated fit_and_evaluate(const Network& network, FittedHead& head, const Records& records, const Enough& enough);
// Records that the loss cannot take and leaves out, those of one's versions as one, and why the first of them.
struct Unlearnable {
  std::uint64_t count = 0;
  std::string why;
};
Unlearnable unlearnable(const Network& network, const Records& records);
// Of windows of series: how surprising the first step ahead of each is, see Head::surprise().
std::vector<double> surprises(const Network& network, const Records& records);
// All that there is to say, by name. Throws Error where the loss is not finite.
nlohmann::ordered_json metrics_of(const Evaluated& evaluated, const Records& records);

}  // namespace recur
