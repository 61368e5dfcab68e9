#include "tasks/evaluate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/finite.h"
#include "data/batch_windows.h"
#include "data/length_batches.h"

namespace recur {
namespace {

constexpr std::size_t kWindow = 2048;  // steps of a window, where sequences are read in windows

// Calls visit(batch, encoding, run) for all records, longest first, until it returns false; only memory depends on
// the size of the batches. Of a network that is trained in windows, a batch is a window, the state carried from one to
// the next.
template <class Visit>
void for_batches(const Network& network, const Records& records, std::size_t most_records, const Visit& visit) {
  if (records.size() == 0) return;
  const BatchLimits most = network.recipe().windows ? BatchLimits{32, 0} : BatchLimits{256, 16384};
  const LengthBatches batches = LengthBatches::unshuffled(records.lengths, records.other_lengths,
                                                          {std::min(most_records, most.records), most.tokens});
  Tape tape(false);
  const Run run{tape, network.parameters(), Noise::silent()};
  for (std::size_t i = 0; i < batches.count(); ++i) {
    const Batch batch = make_batch(network.fields(), records, batches[i]);
    tape.rewind();
    if (!network.recipe().windows) {
      if (!visit(batch, network.encode(run, batch), run)) return;
      continue;
    }
    BatchWindows windows(batch, kWindow);
    StackState state(network.layers().state_layout(), batch.size());
    for (std::size_t w = 0; w < windows.count(); ++w) {
      tape.rewind();
      windows.seek(w);
      state.keep_first(windows.batch().size());
      const Encoding encoding = network.encode(run, windows.batch(), state);
      if (!visit(windows.batch(), encoding, run)) return;
    }
  }
}

// Whether nothing comes after this batch of its record i.
bool has_ended(const Network& network, const Records& records, const Batch& batch, const Encoding& encoding,
               std::size_t i) {
  return !network.recipe().windows || records.lengths[batch.records[i]] <= batch.first_step + encoding.steps->length();
}

// Puts a window's prediction behind those of the windows before.
void append(Prediction& to, Prediction&& window) {
  auto* all = std::get_if<NumbersPrediction>(&to);
  if (all == nullptr || all->numbers.values.empty()) {
    to = std::move(window);
    return;
  }
  const std::vector<double>& more = std::get<NumbersPrediction>(window).numbers.values;
  all->numbers.values.insert(all->numbers.values.end(), more.begin(), more.end());
}

// Predictions of a batch as they come, window by window.
class Collected {
 public:
  explicit Collected(const Records& records) : records_(records) {}

  // The head's for a batch; calls use(record, prediction) for each that is whole.
  template <class Use>
  void add(const Network& network, const Batch& batch, const Encoding& encoding, const Run& run,
           const PredictOptions& options, const Use& use) {
    if (batch.first_step == 0) whole_.assign(batch.size(), {});
    window_.assign(batch.size(), {});
    network.head().predict(run, encoding, batch, options, window_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      append(whole_[i], std::move(window_[i]));
      if (has_ended(network, records_, batch, encoding, i)) use(batch.records[i], std::move(whole_[i]));
    }
  }

 private:
  const Records& records_;
  std::vector<Prediction> whole_, window_;
};

// What predictions are compared with.
std::optional<std::size_t> answer_of(const Fields& fields) {
  const auto answer = std::ranges::find_if(fields, [](const auto& field) { return field->answer(); });
  if (answer == fields.end()) return {};
  return static_cast<std::size_t>(answer - fields.begin());
}

Cell cell_of(const Network& network, const Records& records, std::optional<std::size_t> field, std::size_t record) {
  if (!field) return {};
  return network.fields()[*field]->cell(records.columns[*field], record);
}

}  // namespace

void predict(const Network& network, const Records& records, const PredictOptions& options,
             const std::function<void(std::size_t record, Prediction&& prediction)>& use) {
  network.head().check(options);
  Collected predictions(records);
  for_batches(network, records, network.head().most_records(options),
              [&](const Batch& batch, const Encoding& encoding, const Run& run) {
                predictions.add(network, batch, encoding, run, options, use);
                return true;
              });
}

void encode_batches(const Network& network, const Records& records,
                    const std::function<void(const Batch& batch, const Encoding& encoding)>& use) {
  if (network.recipe().windows)
    fail("a model of the task {} reads in windows; expected one that reads whole records", network.task());
  for_batches(network, records, records.size(), [&](const Batch& batch, const Encoding& encoding, const Run& /*run*/) {
    use(batch, encoding);
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
  const std::optional<std::size_t> answer = answer_of(network.fields());
  if (options) {
    network.head().check(*options);
    result.measures = make_measures(network.recipe().head, network.fields());
  }
  std::optional<std::size_t> input;
  if (result.measures && !result.measures->input_field().empty()) {
    input = field_named(network.fields(), result.measures->input_field(), "measures");
  }
  std::size_t done = 0;
  Collected predictions(records);
  const std::size_t most = options ? network.head().most_records(*options) : records.size();
  const auto compare = [&](std::size_t record, const Prediction& prediction) {
    result.measures->add(prediction, cell_of(network, records, answer, record),
                         cell_of(network, records, input, record));
  };
  for_batches(network, records, most, [&](const Batch& batch, const Encoding& encoding, const Run& run) {
    result.loss += network.head().loss(run, encoding, batch);
    if (options && answer) predictions.add(network, batch, encoding, run, *options, compare);
    if (batch.first_step == 0) done += batch.size();
    if (!has_ended(network, records, batch, encoding, 0) || !enough || !enough()) return true;
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
