// The half of an encoder and decoder that writes: an embedding, recurrent layers that start from what the encoder has
// read and may look at it at every step, and the output layer.
//
// Without attention it is a stack of layers whose first states are the encoder's last ones, where both have the same
// layers, or else made of its last output, or of the mean of what no layers have read, by a linear layer and tanh. With
// attention the first layer looks at the encoder's outputs (AttentiveLayer); the others run on top of it, as in Wu et
// al. 2016. After additive attention one more layer reads what came out of them beside the embedding, as in Bahdanau,
// Cho & Bengio 2015, with tanh for maxout. Of the layers above the one that looks the first states are zero.
// Connections join these layers only: the first of them reads something else than it puts out.
//
// With a pointer it may copy what it looks at (autograd/copying.h): the gate is linear in what the layer that looks
// puts out, the state and the context or what was made of both, beside the embedding (See, Liu & Manning 2017).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/attentive_layer.h"
#include "nn/embedded_stack.h"
#include "nn/first_states.h"
#include "nn/output_layer.h"

namespace recur {

struct DecoderOptions {
  RecurrentOptions network;
  EmbeddingOptions embedding;
  AttentionOptions attention;
  OutputOptions output;
  bool tied = false;  // the output layer's weight is the embedding's table
  bool pointer = false;
};

// What there is to copy in some sources, for a decoder with a pointer.
struct CopySources {
  // Of each source, at each of its positions: a token of the vocabulary or, from the vocabulary's size on, one that
  // only this source has.
  std::vector<std::vector<int>> tokens;
  std::vector<std::size_t> others;  // of each source: how many tokens only it has
  int unknown = 0;                  // the token of the vocabulary that these are read as
};

class Decoder {
 public:
  // Declares its parameters, their names beginning with `prefix`. Throws Error naming the flag of an option that makes
  // no sense.
  Decoder(const DecoderOptions& options, const RecurrentStack& encoder, std::size_t vocabulary, Parameters& parameters,
          const std::string& prefix);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  const OutputLayer& output() const { return *output_; }
  // The layers whose first states come from the encoder.
  const RecurrentStack& first_layers() const { return attentive_ ? attentive_->layer() : stack_->layers(); }
  // Those on top of the layer that looks; null for none.
  const RecurrentStack* upper_layers() const { return upper_ ? &*upper_ : nullptr; }
  // What it reads and writes are tokens of this vocabulary.
  void name_rows(Parameters& parameters, const std::string& vocabulary) const;
  bool looks() const { return attentive_.has_value(); }
  bool points() const { return options_.pointer; }

  struct Result {
    Var output;  // what the output layer reads, [total, width]
    // Of one that looks: how much each row looked where, and the same as one array.
    Alignments alignments = {};
    Var weights = {};
    Var gate = {};  // with a pointer, [total, 1]: its sigmoid is the share that is not copied
  };
  // Reads tokens [total], each sequence from the states that the encoder has after the source source_of[row]. The
  // penalties' gradients, but coverage's, go with a loss that is a mean over all predictions.
  Result forward(const Run& run, std::span<const int> tokens, const Steps& steps, const Encoding& encoding,
                 std::span<const std::size_t> source_of, const CoverageUse& coverage = {}) const;

  // Follows many outputs side by side, a token of each a call.
  class Stream {
   public:
    // All must outlive it, and parameters must not change. The encoding lies on a tape that does not record. `copies`
    // is for a decoder with a pointer, which needs it.
    Stream(const Decoder& decoder, const Parameters& parameters, Tape& encoder_tape, const Encoding& encoding,
           const CopySources* copies = nullptr);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    struct Step {
      // Of the next token, [outputs, vocabulary]; with a pointer the tokens that only a source has are behind those of
      // the vocabulary, as many columns as the most of any output, and `tokens` says how many each output has.
      ConstMatrix log_probabilities;
      std::vector<std::size_t> tokens;
      std::vector<std::span<const float>>
          alignment;  // of each output over its source's steps; empty if it looks at none
    };
    // Feeds tokens [outputs]; output i continues output from[i] of the call before. The first call has an output for
    // each source, in order. The result is valid until the next call.
    Step step(std::span<const int> tokens, std::span<const std::size_t> from);

   private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
  };

 private:
  friend class Stream;
  // The states before the first step, layer after layer, of sequences that begin after the source source_of[row].
  std::vector<Var> first_states(const Run& run, const Encoding& encoding, std::span<const std::size_t> source_of) const;
  // Of the layer that looks, whose output is y and then `dropped`.
  void penalise_looking(const Run& run, Var y, Var dropped, const Steps& steps) const;
  // From what the layer that looks puts out and the embedded input.
  Var pointer_gate(const Run& run, Var y, Var x) const;
  // From the layers' output and the embedded input to what the output layer reads.
  Var read_out(const Run& run, Var y, Var x) const;

  DecoderOptions options_;
  bool encodes_;  // else it looks at what no layers have read
  std::size_t encoder_forward_columns_;
  std::optional<Parameters::Id> embedding_;
  std::optional<EmbeddedStack> stack_;       // without attention
  std::optional<AttentiveLayer> attentive_;  // with it
  std::optional<RecurrentStack> upper_;
  std::optional<Parameters::Id> readout_weight_;
  Parameters::Id readout_bias_ = 0;
  // Of the layers that start from the encoder: with attention the first, those above it start from zero. None: all
  // layers begin with the encoder's own last states.
  std::optional<FirstStates> starts_;
  std::optional<OutputLayer> output_;
  Parameters::Id pointer_weight_ = 0, pointer_bias_ = 0;
};

}  // namespace recur
