// A head that predicts together with others of its kind, an ensemble: by the mean of what they say.
#pragma once

#include <span>

#include "nn/head.h"

namespace recur {

// One of several networks that predict together: its head, and what its layers made of the batch, on a tape of its own.
struct Voice {
  const Head& head;
  const Run& run;
  const Encoding& encoded;
};

class JointHead : public Head {
 public:
  // Those of several networks as one; this is the first one's head, and the others' are of the same kind and of
  // the same fields. The loss is that of the mean, and has no gradient.
  virtual void predict_together(std::span<const Voice> voices, const Batch& batch, const PredictOptions& options,
                                std::span<Prediction> predictions) const = 0;
  virtual LossSum loss_together(std::span<const Voice> voices, const Batch& batch) const = 0;

  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override {
    const Voice alone{*this, run, encoded};
    predict_together({&alone, 1}, batch, options, predictions);
  }
};

}  // namespace recur
