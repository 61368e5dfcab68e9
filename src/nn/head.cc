#include "nn/head.h"

#include "base/error.h"
#include "nn/heads/draw_head.h"
#include "nn/heads/forecast_head.h"
#include "nn/heads/heads.h"
#include "nn/heads/labels_head.h"
#include "nn/heads/next_step_heads.h"
#include "nn/heads/transducer_head.h"

namespace recur {

void Head::surprise(const Run& /*run*/, const Encoding& /*encoded*/, const Batch& /*batch*/,
                    std::span<double> /*nats*/) const {
  fail("--surprise: the model does not forecast series; expected a model of the task forecast");
}

void check_n_best(const DecodeOptions& options, std::size_t beam) {
  if (options.n_best <= beam) return;
  fail("--n-best: expected a number from 1 to the beam, {}, got {}", beam, options.n_best);
}

std::unique_ptr<Head> make_head(const HeadSpec& spec, const HeadPlace& place) {
  struct Maker {
    const HeadPlace& place;
    std::unique_ptr<Head> operator()(const LabelHeadSpec& s) const { return std::make_unique<LabelHead>(s, place); }
    std::unique_ptr<Head> operator()(const LabelsHeadSpec& s) const { return std::make_unique<LabelsHead>(s, place); }
    std::unique_ptr<Head> operator()(const NextNotesSpec& s) const { return std::make_unique<NextNotesHead>(s, place); }
    std::unique_ptr<Head> operator()(const NextStrokeSpec& s) const {
      return std::make_unique<NextStrokeHead>(s, place);
    }
    std::unique_ptr<Head> operator()(const TransducerSpec& s) const {
      return std::make_unique<TransducerHead>(s, place);
    }
    std::unique_ptr<Head> operator()(const TagHeadSpec& s) const { return std::make_unique<TagHead>(s, place); }
    std::unique_ptr<Head> operator()(const ValuesSpec& s) const { return std::make_unique<ValuesHead>(s, place); }
    std::unique_ptr<Head> operator()(const SignalSpec& s) const { return std::make_unique<SignalHead>(s, place); }
    std::unique_ptr<Head> operator()(const ForecastSpec& s) const { return std::make_unique<ForecastHead>(s, place); }
    std::unique_ptr<Head> operator()(const NextTokenSpec& s) const { return std::make_unique<NextTokenHead>(s, place); }
    std::unique_ptr<Head> operator()(const DecoderSpec& s) const { return std::make_unique<DecoderHead>(s, place); }
    std::unique_ptr<Head> operator()(const DrawSpec& s) const { return std::make_unique<DrawHead>(s, place); }
    std::unique_ptr<Head> operator()(const CtcSpec& s) const { return std::make_unique<CtcHead>(s, place); }
  };
  return std::visit(Maker{place}, spec);
}

}  // namespace recur
