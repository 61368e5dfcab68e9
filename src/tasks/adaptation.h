// How well a language model predicts a text, from which it may learn meanwhile: each token is scored before anything is
// learned from it.
//
// Dynamic evaluation is that by gradient descent of Krause et al. 2018: after each few tokens, of whose mean loss g is
// the gradient, the parameters p that began as the trained ones q become p - rate * g + decay * (q - p). It needs
// nothing but the model and the text; their other rule also needs the mean squares of gradients over the training data.
#pragma once

#include "data/corpus.h"
#include "nn/loss_sum.h"
#include "recur/types/options.h"
#include "recur/types/tasks.h"
#include "tasks/network.h"

namespace recur {

void list_options(OptionList& list, Adaptation& options);

// The loss over all tokens of a corpus but the first, state carried from the first to the last, of a network that
// itself stays as it is. Throws Error where it is not finite.
LossSum evaluate(const Network& network, const Corpus& corpus, const Adaptation& adaptation = {});

}  // namespace recur
