#include "nn/transducer_search.h"

#include <algorithm>

#include "base/log_add.h"

namespace recur {

GreedyTransducer::GreedyTransducer(const TransducerStepper& stepper, std::span<const int> never,
                                   std::size_t most_a_step)
    : stepper_(stepper),
      never_(never.begin(), never.end()),
      most_a_step_(most_a_step),
      text_(stepper.empty()),
      first_(stepper.transducer().outputs()),
      log_p_of_(first_.size()) {}

std::span<const int> GreedyTransducer::step(const float* encoded) {
  written_.clear();
  const int blank = stepper_.transducer().blank();
  stepper_.log_probabilities(encoded, text_, log_p_of_);
  first_ = log_p_of_;
  while (written_.size() < most_a_step_) {
    const int best = likeliest_output(log_p_of_, blank, never_);
    if (best == blank) break;
    log_p_ += static_cast<double>(log_p_of_[static_cast<std::size_t>(best)]);
    written_.push_back(best);
    text_ = stepper_.append(text_, best);
    stepper_.log_probabilities(encoded, text_, log_p_of_);
  }
  log_p_ += static_cast<double>(log_p_of_[static_cast<std::size_t>(blank)]);
  return written_;
}

void GreedyTransducer::reset() {
  text_ = stepper_.empty();
  log_p_ = 0;
}

ScoredText transducer_greedy(const TransducerSearch& search) {
  GreedyTransducer greedy(search.stepper, search.never, search.most_a_step);
  ScoredText text;
  for (std::size_t t = 0; t < search.encoded.rows; ++t) {
    const std::span<const int> written = greedy.step(search.encoded.data + t * search.encoded.stride);
    text.tokens.insert(text.tokens.end(), written.begin(), written.end());
  }
  text.score = greedy.log_p();
  return text;
}

std::vector<TokenPlace> transducer_places(const TransducerSearch& search, std::span<const int> tokens) {
  const TransducerStepper& stepper = search.stepper;
  const std::size_t steps = search.encoded.rows, width = tokens.size() + 1;
  const auto blank = static_cast<std::size_t>(stepper.transducer().blank());
  std::vector<float> log_p(stepper.transducer().outputs());
  // Text after text, the best way to each of its steps; `at` a step the one before, the tokens before are written.
  std::vector<double> best(steps), to_text(steps, kLogOfZero);  // to_text: by the last token, at that step
  std::vector<unsigned char> written(width * steps, 0);         // whether the best way comes by the token
  to_text[0] = 0;
  TransducerStepper::Text text = stepper.empty();
  for (std::size_t u = 0; u < width; ++u) {
    double by_blank = kLogOfZero;
    for (std::size_t t = 0; t < steps; ++t) {
      written[u * steps + t] = u > 0 && to_text[t] >= by_blank ? 1 : 0;
      best[t] = std::max(to_text[t], by_blank);
      stepper.log_probabilities(search.encoded.data + t * search.encoded.stride, text, log_p);
      by_blank = best[t] + static_cast<double>(log_p[blank]);
      if (u < tokens.size()) to_text[t] = best[t] + static_cast<double>(log_p[static_cast<std::size_t>(tokens[u])]);
    }
    if (u < tokens.size()) text = stepper.append(text, tokens[u]);
  }
  std::vector<TokenPlace> places(tokens.size());
  std::size_t t = steps - 1;
  for (std::size_t u = tokens.size(); u > 0; --u) {
    while (t > 0 && written[u * steps + t] == 0) --t;  // also where NaN has hidden the way
    places[u - 1] = {t, t};
  }
  return places;
}

}  // namespace recur
