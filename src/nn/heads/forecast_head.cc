#include "nn/heads/forecast_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/arrange.h"
#include "base/error.h"
#include "base/finite.h"

namespace recur {
namespace {

std::size_t input_width(const SeriesField& series, const HeadPlace& place) {
  const std::size_t ahead = series.spec().rolled ? 0 : series.horizon() * series.known();
  return place.layers.output_width() + ahead;
}

std::size_t output_width(const SeriesField& series, const ForecastKind& kind) {
  return kind.outputs() * (series.spec().rolled ? 1 : series.horizon());
}

// What is drawn for a record depends neither on its batch nor on the number of threads.
Random random_of(std::uint64_t seed, std::size_t record) {
  return {seed, RandomPurpose::sample, static_cast<std::uint32_t>(record)};
}

// Between the neighbours of numbers in ascending order.
double quantile_of(std::span<const double> sorted, double level) {
  const double place = level * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// Of numbers [horizon, count], as the network has them: draws from a distribution, quantiles, or the forecast itself.
ForecastPrediction prediction_of(const SeriesField& field, const ForecastKind& kind, const Column& column,
                                 std::size_t record, std::span<const double> numbers) {
  const SeriesWindow window = column.windows[record];
  const Series& series = (*column.series)[window.series];
  const WindowScale scale = field.scale(column, record);
  const std::size_t count = numbers.size() / field.horizon();
  const auto origin = series.target.begin() + static_cast<std::ptrdiff_t>(window.origin);
  ForecastPrediction prediction{series.group, field.learned().columns.shown_target(), {}, {}, {}, {}, {}};
  prediction.past.assign(origin - static_cast<std::ptrdiff_t>(field.context(column, record)), origin);
  for (std::size_t h = 0; h < field.horizon(); ++h) {
    if (!series.dates.empty()) prediction.dates.push_back(date_text(series.date(window.origin + h), series.style));
    std::vector<double> step;
    for (std::size_t i = 0; i < count; ++i) step.push_back(numbers[h * count + i] * scale.scale + scale.offset);
    std::ranges::sort(step);
    if (kind.is_distribution()) {
      prediction.samples.insert(prediction.samples.end(), step.begin(), step.end());
      for (const double level : forecast_levels) prediction.quantiles.push_back(quantile_of(step, level));
      prediction.mean.push_back(std::accumulate(step.begin(), step.end(), 0.0) / static_cast<double>(count));
    } else {
      if (kind.loss == ForecastLoss::quantile) {
        prediction.quantiles.insert(prediction.quantiles.end(), step.begin(), step.end());
      }
      prediction.mean.push_back(step[count / 2]);
    }
  }
  return prediction;
}

// The row of a step's sequence.
float* row_at(Matrix x, const Steps& steps, std::size_t step, std::size_t row) {
  return x.data + (steps.offset(step) + row) * x.stride;
}

}  // namespace

ForecastHead::ForecastHead(const ForecastSpec& spec, const HeadPlace& place)
    : field_(field_named(place.fields, spec.field, "forecast")),
      series_(field_as<SeriesField>(place.fields, spec.field, "forecast")),
      layers_(place.layers),
      kind_{spec.loss, spec.components},
      last_(Pooling::last, place.layers, place.parameters),
      output_(output_width(series_, kind_), input_width(series_, place), place.parameters) {
  if (rolled() && kind_.loss == ForecastLoss::quantile) {
    fail("--rolled: from a step's quantiles nothing can be drawn for the next; give another --loss");
  }
}

Var ForecastHead::outputs(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const Var x = encoded.stack.output;
  if (rolled()) return output_(run, x);
  const Var last = last_(run, x, *encoded.steps);
  const std::vector<float>& ahead = batch.fields[field_].ahead;
  if (ahead.empty()) return output_(run, last);
  const Var known = run.tape.add(batch.size(), series_.horizon() * series_.known());
  std::ranges::copy(ahead, run.tape.value(known).data);
  return output_(run, side_by_side(run.tape, last, known));
}

LossSum ForecastHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::vector<float>& wanted = batch.fields[field_].wanted;
  const auto known = static_cast<std::size_t>(std::ranges::count_if(wanted, [](float x) { return std::isfinite(x); }));
  const Var y = outputs(run, encoded, batch);
  const float scale = gradient_scale(batch, std::max<std::size_t>(known, 1));
  return {forecast_loss(run.tape, y, wanted, kind_, scale), known};
}

void ForecastHead::check(const PredictOptions& options) const {
  if (options.samples == 0) fail("--samples: expected at least 1, got 0");
}

std::size_t ForecastHead::numbers(const PredictOptions& options) const {
  return kind_.is_distribution() ? options.samples : kind_.outputs();
}

std::size_t ForecastHead::most_records(const PredictOptions& options) const {
  constexpr std::size_t kMostRows = 16'384;  // that are rolled out at once
  return std::max<std::size_t>(1, kMostRows / numbers(options));
}

void ForecastHead::predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
                           std::span<Prediction> predictions) const {
  const std::size_t count = numbers(options);
  const Drawn drawn = rolled() ? roll_out(run, batch, count, options.seed)
                               : draw(run.tape.value(outputs(run, encoded, batch)), batch, count, options.seed);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    predictions[i] = prediction_of(series_, kind_, *batch.fields[field_].column, batch.records[i], drawn[i]);
  }
}

ForecastHead::Drawn ForecastHead::draw(Matrix y, const Batch& batch, std::size_t count, std::uint64_t seed) const {
  check_results({y.data, y.rows * y.stride}, "a forecast");
  const std::size_t outputs = kind_.outputs();
  Drawn drawn(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const float* p = y.data + i * y.stride;
    if (!kind_.is_distribution()) {
      drawn[i].assign(p, p + series_.horizon() * count);
      continue;
    }
    const Random random = random_of(seed, batch.records[i]);
    for (std::size_t n = 0; n < series_.horizon() * count; ++n) {
      drawn[i].push_back(forecast_draw(kind_, {p + n / count * outputs, outputs}, random.block(n)));
    }
  }
  return drawn;
}

ForecastHead::Drawn ForecastHead::roll_out(const Run& run, const Batch& batch, std::size_t samples,
                                           std::uint64_t seed) const {
  const FieldBatch& field = batch.fields[field_];
  const std::size_t records = batch.size(), width = series_.width(), outputs = kind_.outputs();
  const std::size_t rows = records * samples, horizon = series_.horizon();
  Matrix all{const_cast<float*>(field.numbers.data()), field.steps.total(), width, width};
  std::vector<std::size_t> lengths;
  for (const std::size_t record : batch.records) lengths.push_back(series_.context(*field.column, record));
  Tape tape(false);
  const Run own{tape, run.parameters, run.noise};

  // The known steps; then each record's state and first outputs so many times.
  const Steps known = Steps::from_lengths(lengths), one = Steps::rectangle(rows, 1);
  StackState before(layers_.state_layout(), records);
  const Var x = tape.add(known.total(), width);
  for (std::size_t t = 0; t < known.length(); ++t) {
    std::copy_n(row_at(all, field.steps, t, 0), known.rows(t) * width, row_at(tape.value(x), known, t, 0));
  }
  const Var last = last_(own, layers_.forward(own, x, known, before).output, known);
  const Matrix first = tape.value(output_(own, last));
  std::vector<float> p;  // [rows, outputs]
  std::vector<std::size_t> record_of;
  for (std::size_t row = 0; row < rows; ++row) {
    record_of.push_back(row / samples);
    const float* from = first.data + row / samples * first.stride;
    p.insert(p.end(), from, from + outputs);
  }
  StackState state = before.rows(record_of);

  Drawn drawn(records, std::vector<double>(horizon * samples));
  for (std::size_t h = 0; h < horizon; ++h) {
    check_results(p, "a forecast");
    tape.rewind();
    const Var input = tape.add(rows, width);
    const Matrix in = tape.value(input);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t i = record_of[row], s = row % samples;
      const std::span<const float> of(p.data() + row * outputs, outputs);
      const auto random = random_of(seed, batch.records[i]).block(h * samples + s);
      const double value = kind_.is_distribution() ? forecast_draw(kind_, of, random) : static_cast<double>(of[0]);
      drawn[i][h * samples + s] = value;
      if (h + 1 == horizon) continue;
      float* to = in.data + row * width;
      std::copy_n(row_at(all, field.steps, lengths[i] + h, i), width, to);
      series_.set_target(static_cast<float>(value), {to, width});
    }
    if (h + 1 == horizon) break;
    const Matrix next = tape.value(output_(own, layers_.forward(own, input, one, state).output));
    p.assign(next.data, next.data + rows * outputs);
  }
  return drawn;
}

void ForecastHead::surprise(const Run& run, const Encoding& encoded, const Batch& batch, std::span<double> nats) const {
  if (!kind_.is_distribution()) {
    fail("--surprise: the model forecasts no distribution; train one with --loss normal, student or mixture");
  }
  const FieldBatch& field = batch.fields[field_];
  const Matrix y = run.tape.value(outputs(run, encoded, batch));
  std::vector<double> gradient(kind_.outputs());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::size_t record = batch.records[i];
    const std::size_t last = series_.context(*field.column, record) - 1;
    const std::size_t row = rolled() ? field.steps.offset(last) + i : i;
    const float wanted = field.wanted[rolled() ? row : i * series_.horizon()];
    const std::span<const float> p(y.data + row * y.stride, kind_.outputs());
    // Of the number as it is in the data.
    nats[i] = forecast_loss(kind_, p, static_cast<double>(wanted), gradient) +
              std::log(series_.scale(*field.column, record).scale);
    check_result(nats[i], "a surprise");
  }
}

std::vector<std::pair<std::string, std::string>> ForecastHead::describe() const {
  std::string how = fmt::format("{} steps, {}", series_.horizon(), rolled() ? "rolled out" : "at once");
  how += fmt::format(", {}", to_string(kind_.loss));
  if (kind_.loss == ForecastLoss::mixture) how += fmt::format(" of {}", kind_.components);
  return {{"forecast", how},
          {"season", fmt::format("{} steps", series_.learned().season)},
          {"level", std::string(to_string(series_.spec().level))}};
}

}  // namespace recur
