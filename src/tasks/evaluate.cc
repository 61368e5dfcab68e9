#include "tasks/evaluate.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/finite.h"
#include "data/batch_windows.h"
#include "data/length_batches.h"
#include "tasks/ensemble.h"

namespace recur {
namespace {

constexpr std::size_t kWindow = 2048;  // steps of a window, where sequences are read in windows

// Calls visit(batch, voices) for all records, longest first, until it returns false; only memory depends on the size of
// the batches. Of a network that is trained in windows, which is alone, a batch is a window, the state carried from one
// to the next.
template <class Visit>
void for_batches(Ensemble networks, const Records& records, std::size_t most_records, const Visit& visit) {
  if (records.size() == 0) return;
  const Network& network = *networks.front();
  const BatchLimits most = network.recipe().windows ? BatchLimits{32, 0} : BatchLimits{256, 16384};
  const LengthBatches batches = LengthBatches::unshuffled(records.lengths, records.other_lengths,
                                                          {std::min(most_records, most.records), most.tokens});
  std::deque<Tape> tapes;  // of each network
  std::deque<Run> runs;
  for (const Network* one : networks) {
    runs.push_back({tapes.emplace_back(false), one->parameters(), Noise::silent()});
  }
  std::deque<Encoding> encodings;
  std::vector<Voice> voices;
  const auto say = [&](const Batch& batch, const auto& encode) {
    encodings.clear();
    voices.clear();
    for (std::size_t n = 0; n < networks.size(); ++n) {
      tapes[n].rewind();
      voices.push_back({networks[n]->head(), runs[n], encodings.emplace_back(encode(*networks[n], runs[n]))});
    }
    return visit(batch, std::span<const Voice>(voices));
  };
  for (std::size_t i = 0; i < batches.count(); ++i) {
    const Batch batch = make_batch(network.fields(), records, batches[i]);
    if (!network.recipe().windows) {
      if (!say(batch, [&](const Network& one, const Run& run) { return one.encode(run, batch); })) return;
      continue;
    }
    BatchWindows windows(batch, kWindow);
    StackState state(network.layers().state_layout(), batch.size());
    for (std::size_t w = 0; w < windows.count(); ++w) {
      windows.seek(w);
      const Batch& window = windows.batch();
      state.keep_first(window.size());
      if (!say(window, [&](const Network& one, const Run& run) { return one.encode(run, window, state); })) return;
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
  void add(const Network& network, const Batch& batch, std::span<const Voice> voices, const PredictOptions& options,
           const Use& use) {
    if (batch.first_step == 0) whole_.assign(batch.size(), {});
    window_.assign(batch.size(), {});
    const Voice& first = voices.front();
    if (voices.size() == 1) {
      first.head.predict(first.run, first.encoded, batch, options, window_);
    } else {
      joint_head(first.head).predict_together(voices, batch, options, window_);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      append(whole_[i], std::move(window_[i]));
      if (has_ended(network, records_, batch, first.encoded, i)) use(batch.records[i], std::move(whole_[i]));
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

// Shows measures each prediction with what the record has.
class Comparison {
 public:
  Comparison(const Network& network, const Records& records, Measures& measures)
      : network_(network), records_(records), measures_(measures), answer_(answer_of(network.fields())) {
    if (measures.input_field().empty()) return;
    input_ = field_named(network.fields(), measures.input_field(), "measures");
  }
  // Whether there is something to compare predictions with.
  bool possible() const { return answer_ || input_; }
  void operator()(std::size_t record, const Prediction& prediction) const {
    measures_.add(prediction, cell_of(answer_, record), cell_of(input_, record));
  }

 private:
  Cell cell_of(std::optional<std::size_t> field, std::size_t record) const {
    if (!field) return {};
    return network_.fields()[*field]->cell(records_.columns[*field], record);
  }

  const Network& network_;
  const Records& records_;
  Measures& measures_;
  std::optional<std::size_t> answer_, input_;
};

// Records of a batch at most.
std::size_t records_at_once(Ensemble networks, const PredictOptions& options) {
  return std::max<std::size_t>(1, networks.front()->head().most_records(options) / networks.size());
}

}  // namespace

void predict(Ensemble networks, const Records& records, const PredictOptions& options,
             const std::function<void(std::size_t record, Prediction&& prediction)>& use) {
  const Network& network = *networks.front();
  if (options.score && !std::holds_alternative<DecoderSpec>(network.recipe().head)) {
    fail("--score: only a model whose texts are written by a decoder has a use for it; this one's task is {}",
         network.task());
  }
  network.head().check(options);
  Collected predictions(records);
  for_batches(networks, records, records_at_once(networks, options),
              [&](const Batch& batch, std::span<const Voice> voices) {
                predictions.add(network, batch, voices, options, use);
                return true;
              });
}

void predict(const Network& network, const Records& records, const PredictOptions& options,
             const std::function<void(std::size_t record, Prediction&& prediction)>& use) {
  const Network* const one = &network;
  predict(Ensemble(&one, 1), records, options, use);
}

void encode_batches(const Network& network, const Records& records,
                    const std::function<void(const Batch& batch, const Encoding& encoding)>& use) {
  if (network.recipe().windows)
    fail("a model of the task {} reads in windows; expected one that reads whole records", network.task());
  const Network* const one = &network;
  for_batches({&one, 1}, records, records.size(), [&](const Batch& batch, std::span<const Voice> voices) {
    use(batch, voices.front().encoded);
    return true;
  });
}

Unlearnable unlearnable(const Network& network, const Records& records) {
  Unlearnable all;
  for (std::size_t record = 0; record < records.size(); record += records.versions) {
    const std::string why = network.head().unlearnable(records, record);
    if (!why.empty() && all.count++ == 0) all.why = why;
  }
  return all;
}

std::vector<double> surprises(const Network& network, const Records& records) {
  std::vector<double> nats(records.size()), some;
  const Network* const one = &network;
  for_batches({&one, 1}, records, records.size(), [&](const Batch& batch, std::span<const Voice> voices) {
    some.assign(batch.size(), 0);
    network.head().surprise(voices.front().run, voices.front().encoded, batch, some);
    for (std::size_t i = 0; i < batch.size(); ++i) nats[batch.records[i]] = some[i];
    return true;
  });
  return nats;
}

Evaluated evaluate(Ensemble networks, const Records& records, const std::optional<PredictOptions>& options,
                   const Enough& enough) {
  const Network& network = *networks.front();
  Evaluated result;
  std::optional<Comparison> compare;
  if (options) {
    network.head().check(*options);
    result.measures = make_measures(network.recipe().head, network.fields());
    compare.emplace(network, records, *result.measures);
  }
  std::size_t done = 0;
  Collected predictions(records);
  const std::size_t most = options ? records_at_once(networks, *options) : records.size();
  for_batches(networks, records, most, [&](const Batch& batch, std::span<const Voice> voices) {
    const Voice& first = voices.front();
    result.loss += voices.size() == 1 ? first.head.loss(first.run, first.encoded, batch)
                                      : joint_head(first.head).loss_together(voices, batch);
    if (compare && compare->possible()) predictions.add(network, batch, voices, *options, *compare);
    if (batch.first_step == 0) done += batch.size();
    if (!has_ended(network, records, batch, first.encoded, 0) || !enough || !enough()) return true;
    result.share = static_cast<double>(done) / static_cast<double>(records.size());
    return false;
  });
  return result;
}

Evaluated evaluate(const Network& network, const Records& records, const std::optional<PredictOptions>& options,
                   const Enough& enough) {
  const Network* const one = &network;
  return evaluate(Ensemble(&one, 1), records, options, enough);
}

Evaluated fit_and_evaluate(const Network& network, FittedHead& head, const Records& records, const Enough& enough) {
  Evaluated result;
  ScoreRows rows;
  const Network* const one = &network;
  for_batches({&one, 1}, records, records.size(), [&](const Batch& batch, std::span<const Voice> voices) {
    const auto& [itself, run, encoding] = voices.front();
    result.loss += head.loss(run, encoding, batch);
    rows.add(batch, head.scores(run, encoding));
    return !enough || !enough();
  });
  result.share = records.size() == 0 ? 1 : static_cast<double>(rows.size()) / static_cast<double>(records.size());
  head.fit(rows, records.columns[head.answer_field()]);
  result.measures = make_measures(network.recipe().head, network.fields());
  const Comparison compare(network, records, *result.measures);
  for (std::size_t i = 0; i < rows.size(); ++i) compare(rows.records[i], head.predict_from(rows[i]));
  return result;
}

nlohmann::ordered_json metrics_of(const Evaluated& evaluated, const Records& records) {
  check_result(evaluated.loss.nats, "the loss");
  nlohmann::ordered_json metrics = evaluated.measures->metrics(evaluated.loss, records);
  if (records.cut > 0) metrics["cut"] = records.cut;
  return metrics;
}

}  // namespace recur
