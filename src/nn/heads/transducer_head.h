// A text whose tokens stand somewhere along the steps, each depending on those before it (nn/transducer.h).
#pragma once

#include "data/text_field.h"
#include "nn/head.h"
#include "nn/transducer.h"

namespace recur {

class TransducerHead : public Head {
 public:
  TransducerHead(const TransducerSpec& spec, const HeadPlace& place);

  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  void check(const PredictOptions& options) const override;
  std::optional<PredictOptions> validation() const override;
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const override;
  std::vector<std::pair<std::string, std::string>> describe() const override;

  const Transducer& transducer() const { return transducer_; }
  const TextCodec& codec() const { return text_.codec(); }
  // What the layers say of a step as it meets the prediction network, for who steps through both.
  StepOutput encoder_output() const;

 private:
  std::size_t field_, embedding_;
  const TextField& text_;
  Transducer transducer_;
};

}  // namespace recur
