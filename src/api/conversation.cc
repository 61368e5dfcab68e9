#include "api/conversation.h"

#include <utility>

#include "infer/held_text.h"

namespace recur {

Conversation::Conversation(const Model& model, const Generation& options, std::string_view condition)
    : model_(model), stops_(options.stops) {
  check_writes(model_.network());
  const auto stepper = model_.stepper();
  author_.emplace(model_.network(), stepper, condition, options);
  logits_.resize(stepper->outputs());
  if (!author_->writes_lines() && stops_.empty()) stops_ = {"\n"};
}

void Conversation::answer(std::string_view text, const std::function<void(std::string_view)>& write) {
  HeldText held(stops_, write);
  read(text);
  for (std::size_t i = 0; i < author_->options().length; ++i) {
    const int token = choice_->choose(logits_);
    if (token == author_->end()) break;
    const bool goes_on = held.add(author_->text_of(before_, token));
    step(token);
    if (!goes_on) break;
  }
  held.flush();
}

void Conversation::read(std::string_view text) {
  const bool begins = answers_ == 0 || author_->writes_lines();
  const std::vector<int> tokens = begins ? author_->beginning(text).tokens : author_->read(text);
  if (begins) {
    stream_.emplace(author_->stream());
    choice_.emplace(author_->choice(author_->options().seed + answers_));
  }
  ++answers_;
  for (const int token : tokens) {
    choice_->note(token);
    step(token);
  }
}

void Conversation::step(int token) {
  stream_->step(token, logits_);
  before_ = token;
}

}  // namespace recur
