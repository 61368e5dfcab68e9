#include "tasks/evaluate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/finite.h"
#include "data/length_batches.h"

namespace recur {
namespace {

// Calls visit(batch, encoding, run) for all records, longest first, until it returns false; only memory depends on the
// size of the batches.
template <class Visit>
void for_batches(const Network& network, const Records& records, std::size_t most_records, const Visit& visit) {
  if (records.size() == 0) return;
  constexpr BatchLimits kLimits{256, 16384};
  const LengthBatches batches = LengthBatches::unshuffled(records.lengths, records.other_lengths,
                                                          {std::min(most_records, kLimits.records), kLimits.tokens});
  Tape tape(false);
  const Run run{tape, network.parameters(), Noise::silent()};
  for (std::size_t i = 0; i < batches.count(); ++i) {
    const Batch batch = make_batch(network.fields(), records, batches[i]);
    tape.rewind();
    if (!visit(batch, network.encode(run, batch), run)) return;
  }
}

// The fields that predictions are compared with, and made of.
struct ComparedFields {
  explicit ComparedFields(const Fields& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i]->answer()) {
        answer = i;
      } else if (!input) {
        input = i;
      }
    }
  }
  std::optional<std::size_t> answer, input;
};

Cell cell_of(const Network& network, const Records& records, std::optional<std::size_t> field, std::size_t record) {
  if (!field) return {};
  return network.fields()[*field]->cell(records.columns[*field], record);
}

}  // namespace

void predict(const Network& network, const Records& records, const PredictOptions& options,
             const std::function<void(std::size_t record, Prediction&& prediction)>& use) {
  network.head().check(options);
  std::vector<Prediction> predictions;
  for_batches(network, records, network.head().most_records(options),
              [&](const Batch& batch, const Encoding& encoding, const Run& run) {
                predictions.assign(batch.size(), {});
                network.head().predict(run, encoding, batch, options, predictions);
                for (std::size_t i = 0; i < batch.size(); ++i) use(batch.records[i], std::move(predictions[i]));
                return true;
              });
}

std::vector<double> surprises(const Network& network, const Records& records) {
  std::vector<double> nats(records.size()), some;
  for_batches(network, records, records.size(), [&](const Batch& batch, const Encoding& encoding, const Run& run) {
    some.assign(batch.size(), 0);
    network.head().surprise(run, encoding, batch, some);
    for (std::size_t i = 0; i < batch.size(); ++i) nats[batch.records[i]] = some[i];
    return true;
  });
  return nats;
}

Evaluated evaluate(const Network& network, const Records& records, const std::optional<PredictOptions>& options,
                   const Enough& enough) {
  Evaluated result;
  const ComparedFields compared(network.fields());
  if (options) {
    network.head().check(*options);
    result.measures = make_measures(network.recipe().head, network.fields());
  }
  std::size_t done = 0;
  std::vector<Prediction> predictions;
  const std::size_t most = options ? network.head().most_records(*options) : records.size();
  for_batches(network, records, most, [&](const Batch& batch, const Encoding& encoding, const Run& run) {
    result.loss += network.head().loss(run, encoding, batch);
    if (options && compared.answer) {
      predictions.assign(batch.size(), {});
      network.head().predict(run, encoding, batch, *options, predictions);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const std::size_t record = batch.records[i];
        result.measures->add(
            predictions[i], cell_of(network, records, compared.answer, record),
            result.measures->wants_input() ? cell_of(network, records, compared.input, record) : Cell());
      }
    }
    done += batch.size();
    if (!enough || !enough()) return true;
    result.share = static_cast<double>(done) / static_cast<double>(records.size());
    return false;
  });
  return result;
}

nlohmann::ordered_json metrics_of(const Evaluated& evaluated, const Records& records) {
  check_result(evaluated.loss.nats, "the loss");
  nlohmann::ordered_json metrics = evaluated.measures->metrics(evaluated.loss, records);
  if (records.cut > 0) metrics["cut"] = records.cut;
  return metrics;
}

}  // namespace recur
