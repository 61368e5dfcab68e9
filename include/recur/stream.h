// A model that runs one step at a time, its state carried: a language model a token, one of numbers a vector: effects,
// and with --bidirectional=false taggers (--crf=false), classifiers (--pooling last) and regressions (that or
// --each-step). A Stream is a value, its state and little else: a copy is a snapshot, from which the same steps lead to
// the same bits.
//
//   recur::Stream a = model.stream(), b = a;  // b stays where it is
//   a.step(token, logits);
//   a = b;                                    // back
//
// Lifetimes: streams share their model's weights, which are packed once a model, and keep them: a stream may outlive
// its model. Spans that state() gives are valid until the stream is assigned to, moved or destroyed. A stream that was
// moved from may only be destroyed or assigned to.
//
// Threads: a stream is for one thread at a time; different ones, copies among them, for any number of threads at once.
//
// Memory: a stream holds the states of its layers and about 400 bytes. What else a step needs lies on the stack, 16 KB
// at most, or, where layers are too wide for that (more than 512 units of an LSTM), in memory of the stream's own,
// about as much as one layer's gates and twice its states.
//
// Real time: step() of a stream with StreamOptions::realtime runs on the calling thread alone. It takes and frees no
// memory, starts and wakes no thread, waits for nothing, reads no clock and uses at most 32 KB of stack, from its first
// call on and on any thread; so do set_knob(), reset(), state(), and assigning one stream of a model to another. What
// it does depends on the model's size only, but for an Error that it throws, which takes memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "recur/types/stream_options.h"

namespace recur {

class NetworkStepper;

class Stream {
 public:
  ~Stream();
  Stream(const Stream& other);
  Stream& operator=(const Stream& other);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;

  // Feeds one token, or the numbers of one step [inputs()], as they are in the data; writes to `outputs`, [outputs()],
  // the logits of the next token, of the step's tag or of the label, were the sequence to end here, or the numbers that
  // are predicted, as they are in the data. Throws Error for an id outside the vocabulary, numbers that are not finite
  // or a span of another size, and nothing has happened; and if an output is not finite: then the step is made.
  void step(int token, std::span<float> outputs);
  void step(std::span<const float> numbers, std::span<float> outputs);
  // Of an effect with knobs (Model::knobs()): turns one, for the steps that come, and returns whether the training data
  // has it there; else what comes out is a guess. Throws Error for a name of none and a number that is not finite. All
  // have to be set before the first step(), which else throws Error.
  bool set_knob(std::string_view name, double value);
  // Back to the states before the first step; knobs stay where they are.
  void reset();
  // State `slot` of a layer, [its width] (0 is the output h): read it, or set it. Throws Error if there is none.
  std::span<float> state(std::size_t layer, std::size_t slot) &;
  // Ids that step() takes are below it; 0 where it takes numbers.
  std::size_t vocabulary() const;
  // How many numbers step() takes, 0 where it takes a token; how many outputs it writes.
  std::size_t inputs() const;
  std::size_t outputs() const;

 private:
  friend class Model;
  friend void step_together(std::span<Stream* const>, std::span<const int>, std::span<float>, std::size_t);
  friend void step_together(std::span<Stream* const>, std::span<const float>, std::span<float>, std::size_t);
  class Implementation;
  Stream(std::shared_ptr<const NetworkStepper> stepper, const StreamOptions& options);
  std::unique_ptr<Implementation> implementation_;
};

// One step of streams of one model, as one batch: reading the weights once for all is what makes it fast. streams[i]
// reads tokens[i], or row i of `numbers` [streams, inputs()]; row i of `outputs`, [streams, outputs()], is its. Each
// has the bits that it has alone, whatever the others are, and a stream may be in another batch, or alone, at its next
// step.
//
// Uses up to so many threads, at most as many as the calling thread has, 0: those; and memory of the calling thread
// that is kept from call to call, so that only a larger batch than those before takes any. Throws Error if a stream is
// not of the first one's model or is there twice, for an id outside the vocabulary, and for spans of other sizes, and
// nothing has happened; and if an output is not finite: then the step is made.
void step_together(std::span<Stream* const> streams, std::span<const int> tokens, std::span<float> outputs,
                   std::size_t threads = 0);
void step_together(std::span<Stream* const> streams, std::span<const float> numbers, std::span<float> outputs,
                   std::size_t threads = 0);

}  // namespace recur
