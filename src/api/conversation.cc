#include "api/conversation.h"

#include <utility>

#include "infer/held_text.h"
#include "io/network_file.h"

namespace recur {

Conversation::Conversation(const std::string& model, const Generation& options, std::string_view condition)
    : network_(read_network(ModelFile(model))) {
  check_writes(*network_);
  stepper_ = std::make_shared<const NetworkStepper>(step_network(*network_));
  author_.emplace(*network_, stepper_, condition, options);
  logits_.resize(stepper_->outputs());
  stops_ = options.stops;
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
