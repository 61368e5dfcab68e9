// How a series goes on: numbers, quantiles or a distribution of each step of the horizon. From the last known step all
// of them at once; or, rolled out, each from the one before it, which is the truth in training and what was drawn in
// prediction (Salinas et al. 2020).
#pragma once

#include "autograd/forecast_loss.h"
#include "data/series_field.h"
#include "nn/head.h"
#include "nn/heads/heads.h"

namespace recur {

class ForecastHead : public Head {
 public:
  ForecastHead(const ForecastSpec& spec, const HeadPlace& place);

  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  void surprise(const Run& run, const Encoding& encoded, const Batch& batch, std::span<double> nats) const override;
  std::optional<PredictOptions> validation() const override { return {}; }
  void check(const PredictOptions& options) const override;
  std::size_t most_records(const PredictOptions& options) const override;
  bool one_a_step() const override { return rolled(); }
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  bool rolled() const { return series_.spec().rolled; }
  // [records, horizon * outputs], or, rolled out, [total, outputs].
  Var outputs(const Run& run, const Encoding& encoded, const Batch& batch) const;
  // Of each record [horizon, count], as the network has them: draws from a distribution, quantiles, or one number.
  using Drawn = std::vector<std::vector<double>>;
  std::size_t numbers(const PredictOptions& options) const;  // how many of a step
  Drawn draw(Matrix y, const Batch& batch, std::size_t count, std::uint64_t seed) const;
  Drawn roll_out(const Run& run, const Batch& batch, std::size_t samples, std::uint64_t seed) const;

  std::size_t field_;
  const SeriesField& series_;
  const RecurrentStack& layers_;
  ForecastKind kind_;
  Pool last_;
  OutputIds output_;
};

}  // namespace recur
