// Sound as it comes: samples go in, and after each frame that they complete the model says what it hears. A recogniser
// of `recur train transcribe` writes its text, a classifier of `recur train classify --pooling last` gives each label's
// logit, were the sound to end there.
//
//   recur::Listener listener(recur::Model::load("speech.safetensors"));
//   while (microphone.read(samples)) std::cout << listener.hear(samples) << std::flush;
//
// The model runs in one direction (--bidirectional=false), on frames that do not look ahead or at the whole sound: no
// --deltas, no --stack, no --every, no --normalize utterance. What is heard is what `recur predict --beam 1` says of
// the whole sound; delay_seconds() says how far behind.
//
// A Listener is for one thread at a time, different ones for any number of threads at once. It keeps what it needs of
// its model. Everything throws recur::Error on a user's mistake.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/model.h"

namespace recur {

class Listener {
 public:
  // Throws Error for a model that cannot listen, saying why.
  explicit Listener(const Model& model);
  ~Listener();
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;

  // Samples a second, between -1 and 1, that it takes; from the end of a sound to what is said of it, at most.
  std::size_t sample_rate() const;
  double delay_seconds() const;
  // What each output stands for: labels, or tokens, of which the last is none (a blank).
  const std::vector<std::string>& names() const&;
  const std::vector<std::string>& names() && = delete;  // which would not stay
  // Whether it is a recogniser.
  bool writes() const;

  // Calls use(outputs), [names()], after each frame that these samples complete. Throws Error for samples or
  // outputs that are not finite; after that, or when use() throws, the next call goes on behind that frame.
  void push(std::span<const float> samples, const std::function<void(std::span<const float> outputs)>& use);
  // Of a recogniser: the text that these samples add to what was heard.
  std::string hear(std::span<const float> samples);
  // Back to before the first sample.
  void reset();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace recur
