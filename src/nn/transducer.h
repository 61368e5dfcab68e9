// An RNN transducer (Graves 2012; as in Graves, Mohamed & Hinton 2013, with a layer where both networks meet): the
// layers that read the input say something of each of its steps, and layers of the transducer's own, the prediction
// network, of each text that has been written so far. Of both together come probabilities of the next token and of the
// blank, after which the next step is looked at (kernels/transducer.h has the equations and the loss).
//
// The prediction network runs in one direction over the tokens of a text; before the first it reads the blank.
//
// Parameters: prediction.*, of the prediction network (EmbeddedStack); joint.encoder.weight [joint, width of the
// layers] and joint.prediction.weight [joint, width of the prediction network] with joint.bias [joint] in common;
// joint.output.weight [tokens + 1, joint] and joint.output.bias. The last output is the blank.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/scratch.h"
#include "nn/embedded_stack.h"
#include "nn/stack_stepper.h"
#include "recur/types/recipe.h"

namespace recur {

class Transducer {
 public:
  // For layers whose output is so wide, and so many tokens. Throws Error naming the flag of an option that makes no
  // sense.
  Transducer(const TransducerSpec& spec, std::size_t width, std::size_t tokens, Parameters& parameters);

  std::size_t outputs() const { return outputs_; }
  int blank() const { return static_cast<int>(outputs_) - 1; }
  std::size_t joint() const { return joint_; }
  const RecurrentStack& layers() const { return prediction_.layers(); }

  // What the layers say of each step, as it meets the prediction network: [total, joint], from [total, width].
  Var encode(const Run& run, Var x) const;
  Parameters::Id encoder_weight() const { return encoder_weight_; }
  Parameters::Id joint_bias() const { return joint_bias_; }

  // The sum over a batch of -log p(target), a target for each sequence; see transducer_loss(). The gradients of the
  // prediction network's penalties go with a loss that is a mean over its steps.
  double loss(const Run& run, Var x, const Steps& steps, std::span<const std::span<const int>> targets,
              float gradient_scale) const;

 private:
  friend class TransducerStepper;

  Parameters::Id first_;
  EmbeddedStack prediction_;
  std::size_t outputs_, joint_;
  Parameters::Id encoder_weight_, prediction_weight_, joint_bias_, output_weight_, output_bias_;
};

// What it takes to write token by token: weights, packed once. Nothing in it changes: any number of threads may use
// one.
class TransducerStepper {
 public:
  // Both must outlive it, and the parameters must not change.
  TransducerStepper(const Transducer& transducer, const Parameters& parameters);
  TransducerStepper(const TransducerStepper&) = delete;
  TransducerStepper& operator=(const TransducerStepper&) = delete;

  const Transducer& transducer() const { return transducer_; }

  // A text as the prediction network has read it.
  struct Text {
    StackState state;
    std::vector<float> said;  // [joint]
  };
  Text empty() const;
  Text append(const Text& text, int token) const;
  // Of each token and of the blank, [outputs], at a step of which encode() says `encoded` [joint], after a text.
  void log_probabilities(const float* encoded, const Text& text, std::span<float> to) const;

 private:
  void read(Text& text, int token) const;

  const Transducer& transducer_;
  const Parameters& parameters_;
  StackStepper stepper_;
  Arena packed_;
  PackedMatrix prediction_, output_;
};

}  // namespace recur
