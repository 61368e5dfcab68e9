// Networks that predict together, an ensemble: by the mean of what they say.
#pragma once

#include <span>

#include "nn/joint_head.h"
#include "tasks/evaluate.h"

namespace recur {

// One network, or several that check_alike() has let pass; they read what the first one's fields make of records.
using Ensemble = std::span<const Network* const>;

// Throws Error saying what keeps a network from predicting together with another: a task, a kind of answer, a
// vocabulary or labels of its own, or that there is no mean of what such networks say.
void check_alike(const Network& first, const Network& other);
// The parts of that which whoever takes the mean of parameters asks for, too: that they are of one task; that they
// learned the same of their data.
void check_same_task(const Network& first, const Network& other);
void check_same_fields(const Network& first, const Network& other);

// The head of one that does. Throws Error for others.
const JointHead& joint_head(const Head& head);

// As of one network (evaluate.h).
void predict(Ensemble networks, const Records& records, const PredictOptions& options,
             const std::function<void(std::size_t record, Prediction&& prediction)>& use);
Evaluated evaluate(Ensemble networks, const Records& records, const std::optional<PredictOptions>& options,
                   const Enough& enough = {});

}  // namespace recur
