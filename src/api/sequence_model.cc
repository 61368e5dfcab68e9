// What include/recur/sequence_model.h promises, put together from the floors below.
#include "recur/sequence_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "tasks/sequence_network.h"
#include "train/optimizer.h"

namespace recur {

class SequenceModel::Implementation {
 public:
  explicit Implementation(const SequenceModelOptions& options)
      : network(options), optimizer(options.optimizer, network.parameters().count()) {}

  SequenceNetwork network;
  Optimizer optimizer;
};

SequenceModel::SequenceModel(const SequenceModelOptions& options)
    : implementation_(std::make_unique<Implementation>(options)) {}
SequenceModel::~SequenceModel() = default;
SequenceModel::SequenceModel(SequenceModel&&) noexcept = default;
SequenceModel& SequenceModel::operator=(SequenceModel&&) noexcept = default;

double SequenceModel::train(const SequenceBatch& batch, float learning_rate) {
  SequenceNetwork& network = implementation_->network;
  Optimizer& optimizer = implementation_->optimizer;
  check_inputs(batch, options());
  check_targets(batch, options());
  const double loss = network.train(batch, optimizer.steps());
  Parameters& parameters = network.parameters();
  const bool stepped =
      std::isfinite(loss) &&
      optimizer.step(parameters.values(), parameters.gradients(), learning_rate, options().clipping).finite;
  if (!stepped) {
    std::ranges::fill(parameters.gradients(), 0.0F);
    fail(
        "training diverged: the loss or its gradient is not a finite number; nothing was learnt from this batch; look "
        "for such numbers in it, or lower the learning rate");
  }
  return loss;
}

std::vector<float> SequenceModel::predict(const SequenceBatch& batch) const {
  check_inputs(batch, options());
  return std::as_const(implementation_->network).predict(batch);
}

SequenceResult SequenceModel::evaluate(const SequenceBatch& batch) const {
  check_inputs(batch, options());
  check_targets(batch, options());
  return std::as_const(implementation_->network).evaluate(batch);
}

const SequenceModelOptions& SequenceModel::options() const& { return implementation_->network.options(); }
SequenceModelOptions SequenceModel::options() && { return implementation_->network.options(); }
std::size_t SequenceModel::parameters() const { return implementation_->network.parameters().count(); }

}  // namespace recur
