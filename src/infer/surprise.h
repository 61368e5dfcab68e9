// How surprising data is to a model, a step or a line at a time: what a model that knows how things go on finds
// improbable may be a fault (Malhotra et al. 2015 for series, Du et al. 2017 for lines of logs).
#pragma once

#include <functional>

#include "data/corpus.h"
#include "recur/types/prediction.h"
#include "tasks/network.h"

namespace recur {

// Of the first step of the forecast of each window, in their order. Throws Error where no distribution is forecast.
void number_surprises(const Network& network, const Records& windows, const std::function<void(const Surprise&)>& use);

// Of each line of a text, its end included, in their order; state is carried from one to the next. The first token of
// the text, which nothing comes before, does not count; what the network does not know counts as in score_lines().
void line_surprises(const Network& network, const Corpus& corpus, const std::function<void(const Surprise&)>& use);

}  // namespace recur
