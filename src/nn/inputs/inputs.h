// The kinds of inputs.
#pragma once

#include "data/feature_field.h"
#include "data/image_field.h"
#include "data/knob_field.h"
#include "data/notes_field.h"
#include "data/numbers_field.h"
#include "data/text_field.h"
#include "data/words_field.h"
#include "nn/embedded_stack.h"
#include "nn/input.h"

namespace recur {

// Tokens of a text, or words: through an embedding, or one-hot.
class TokensInput : public Input {
 public:
  TokensInput(const TokensSpec& spec, const Fields& fields, Parameters& parameters, const std::string& prefix);

  std::size_t width() const override { return one_hot() ? vocabulary_ : spec_.embedding; }
  bool one_hot() const override { return spec_.embedding == 0; }
  Sequence read(const Run& run, const Batch& batch) const override;
  std::string start(Parameters& parameters) const override;
  std::optional<Parameters::Id> table() const override { return table_; }
  std::pair<std::string, std::string> describe() const override;

 private:
  TokensSpec spec_;
  std::size_t field_;
  const Field& text_;
  std::size_t vocabulary_;
  std::optional<Parameters::Id> table_;
};

// Vectors of numbers, or the steps of a series; or what a linear layer makes of them, input.weight and input.bias.
class NumbersInput : public Input {
 public:
  NumbersInput(const NumbersInputSpec& spec, const Fields& fields, Parameters& parameters, const std::string& prefix);

  std::size_t width() const override { return size_ > 0 ? size_ : width_ * frames_.stack; }
  Sequence read(const Run& run, const Batch& batch) const override;
  bool one_step() const override { return frames_.stack == 1 && numbers() != nullptr; }
  bool as_they_are() const override { return size_ == 0; }
  const NumbersField* numbers() const override {
    return size_ > 0 ? nullptr : dynamic_cast<const NumbersField*>(&numbers_);
  }
  std::pair<std::string, std::string> describe() const override;

 private:
  // The vectors as they are, stacked.
  Sequence vectors(const Run& run, const Batch& batch) const;
  // x: [steps.total(), width_]
  void mask(const Noise& noise, const Steps& steps, std::span<float> x) const;
  void add_noise(const Noise& noise, std::span<float> x) const;
  Sequence stacked(Tape& tape, const Steps& steps, std::span<const float> x) const;

  std::size_t field_;
  const Field& numbers_;  // or a series
  std::size_t width_;     // of a step of it
  FramesOptions frames_;
  std::size_t size_;  // of the linear layer; 0: none
  Parameters::Id weight_ = 0, bias_ = 0;
};

// The pixels of a picture, all in one step.
class PixelsInput : public Input {
 public:
  PixelsInput(const PixelsSpec& spec, const Fields& fields);

  std::size_t width() const override { return image_.pixels(); }
  bool as_they_are() const override { return true; }
  Sequence read(const Run& run, const Batch& batch) const override;
  std::pair<std::string, std::string> describe() const override { return {"input", image_.describe()}; }

 private:
  std::size_t field_;
  const ImageField& image_;
};

// A picture through convolutions, the places of the last of which are steps, row after row: convolution.LAYER.weight
// [channels, 9 * channels before] and .bias.
class ConvolutionsInput : public Input {
 public:
  ConvolutionsInput(const ConvolutionsSpec& spec, const Fields& fields, Parameters& parameters,
                    const std::string& prefix);

  std::size_t width() const override { return channels_.back(); }
  Sequence read(const Run& run, const Batch& batch) const override;
  bool one_step() const override { return false; }
  std::pair<std::string, std::string> describe() const override;

 private:
  std::size_t field_;
  const ImageField& image_;
  std::vector<Parameters::Id> weights_, biases_;  // of each layer
  std::vector<std::size_t> channels_;             // of its outputs
};

// Where the knobs of a record stand, beside each step of another field.
class KnobsInput : public Input {
 public:
  KnobsInput(const KnobsSpec& spec, const Fields& fields);

  std::size_t width() const override { return knobs_.size(); }
  bool as_they_are() const override { return true; }
  std::span<const KnobField* const> knobs() const override { return knobs_; }
  Sequence read(const Run& run, const Batch& batch) const override;
  std::pair<std::string, std::string> describe() const override;

 private:
  std::size_t beside_;
  std::vector<std::size_t> fields_;
  std::vector<const KnobField*> knobs_;
};

// The step before each, as its field encodes it: of chords 1 for each key that sounded, of strokes how far the pen went
// and whether it was lifted. Zeros before the first.
class PreviousInput : public Input {
 public:
  PreviousInput(const PreviousSpec& spec, const Fields& fields);

  std::size_t width() const override { return steps_.width(); }
  bool as_they_are() const override { return true; }
  Sequence read(const Run& run, const Batch& batch) const override;
  std::pair<std::string, std::string> describe() const override;

 private:
  std::size_t field_;
  const StepsField& steps_;
};

// Beside each token of a text, whether another text with the same vocabulary has it, too: 1 or 0. What no vocabulary
// has matches nothing.
class MatchInput : public Input {
 public:
  MatchInput(const MatchSpec& spec, const Fields& fields);

  std::size_t width() const override { return 1; }
  Sequence read(const Run& run, const Batch& batch) const override;
  bool one_step() const override { return false; }
  std::pair<std::string, std::string> describe() const override { return {"match", "with the " + other_.name()}; }

 private:
  std::size_t field_, other_field_;
  const TextField &text_, &other_;
};

// Each word as its letters spell it: those of a batch's distinct words are read once.
class LettersInput : public Input {
 public:
  LettersInput(const LettersSpec& spec, const Fields& fields, const RecurrentOptions& network, Parameters& parameters,
               const std::string& prefix);

  std::size_t width() const override { return stack_->layers().output_width(); }
  Sequence read(const Run& run, const Batch& batch) const override;
  const RecurrentStack* layers() const override { return &stack_->layers(); }
  std::pair<std::string, std::string> describe() const override;

 private:
  LettersSpec spec_;
  std::size_t field_;
  const WordsField& words_;
  std::optional<EmbeddedStack> stack_;
};

// What stands beside each word in a column, through an embedding: FIELD.weight.
class FeaturesInput : public Input {
 public:
  FeaturesInput(const FeatureInputSpec& spec, const Fields& fields, Parameters& parameters, const std::string& prefix);

  std::size_t width() const override { return spec_.embedding; }
  Sequence read(const Run& run, const Batch& batch) const override;
  std::pair<std::string, std::string> describe() const override;

 private:
  FeatureInputSpec spec_;
  std::size_t field_;
  const FeatureField& values_;
  Parameters::Id table_;
};

// For people: "10,034 words, embedding 128".
std::string describe_tokens(const std::string& tokens, std::size_t embedding);

}  // namespace recur
