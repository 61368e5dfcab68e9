// A recipe says of what parts a task's network is made: the fields of its records, what the layers read, the layers,
// and what becomes of their output. Every task of recur is a recipe; a program adds its own:
//
//   struct Stars {                                   // the options of the task
//     recur::RecurrentOptions network{.layers = 1, .hidden = 64, .bidirectional = true};
//     recur::CodecOptions text;
//     std::size_t embedding = 64;
//   };
//   void list_options(recur::OptionList& list, Stars& o);   // each option once: flag, range, help
//   recur::Recipe recipe(const Stars& o) {
//     return {.fields = {{"text", recur::TextSpec{o.text}}, {"stars", recur::NumbersSpec{}, true}},
//             .input = {recur::TokensSpec{"text", o.embedding}},
//             .network = o.network,
//             .head = recur::ValuesSpec{.field = "stars", .pooling = recur::Pooling::mean}};
//   }
//   recur::register_task<Stars>({.name = "stars", ...});    // recur/types/task.h
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "recur/types/choices.h"
#include "recur/types/network.h"
#include "recur/types/sound.h"
#include "recur/types/text.h"

namespace recur {

// Fields of records.

struct TextSpec {
  CodecOptions codec;
  bool marks = false;       // it is written token by token, from a beginning to an end
  bool reversed = false;    // it is read from its end to its beginning (Sutskever et al. 2014)
  std::string shares = {};  // another text, whose vocabulary it shares
  bool several = false;     // a record may have a list of texts: it is then read as a record for each
  std::string flags = {};   // what the names of the codec's flags begin with, for messages
  bool operator==(const TextSpec&) const = default;
};
struct LabelSpec {      // one of a few names
  bool judges = false;  // of two, which say whether something is right
  bool operator==(const LabelSpec&) const = default;
};
struct LabelsSpec {  // any number of them
  bool operator==(const LabelsSpec&) const = default;
};
struct WordsSpec {  // words, each with its letters
  TokenizerOptions words;
  // A file of word vectors whose words are known, too, whether the data has them or not.
  std::string vectors = {};
  bool operator==(const WordsSpec&) const = default;
};
struct WordFeatureSpec {  // one of some values beside each word, such as its part of speech
  TokenizerOptions values;
  bool operator==(const WordFeatureSpec&) const = default;
};
// How tags mark chunks: B- at the beginning of one that follows another of its kind (iob1) or of each (bio), E- at its
// end and S- for one of one word (bioes; bmes: M- between).
enum class TagScheme { as_they_are, iob1, bio, bioes, bmes };
template <>
inline constexpr auto choices<TagScheme> =
    std::array{Named{TagScheme::as_they_are, "as-they-are"}, Named{TagScheme::iob1, "iob1"},
               Named{TagScheme::bio, "bio"}, Named{TagScheme::bioes, "bioes"}, Named{TagScheme::bmes, "bmes"}};
struct TagsSpec {                             // one of a few names for each word
  TagScheme scheme = TagScheme::as_they_are;  // that those of the data are made into
  bool operator==(const TagsSpec&) const = default;
};
struct KnobSpec {  // one number a record: where a knob of a device stood, scaled so that it is from -1 to 1
  bool operator==(const KnobSpec&) const = default;
};
struct NumbersSpec {      // vectors, a step each; scaled to mean 0 and deviation 1, unless sound->normalize is none
  bool one_step = false;  // exactly one vector a record
  bool vectors = false;   // a plain list of numbers is one vector, not steps of one number each
  // Its records have paths of sounds or of files of features (docs/sound.md), or samples, which become frames;
  std::optional<SoundOptions> sound = {};
  // or, with `sound` too, pictures of lines of text, each column of which becomes a frame: paths, or in memory rows of
  // grey from the top, 0 for black and 1 for white.
  bool pictures = false;
  bool operator==(const NumbersSpec&) const = default;
};
// A picture: [height, width, channels], numbers from 0 to 1, all of one size. From arrays that hold larger ones they
// are shares of 255. Pictures in files are scaled to height x width, which then must not be 0.
struct ImageSpec {
  std::size_t height = 0, width = 0;
  bool colour = false;  // of pictures in files: red, green and blue, else grey
  bool operator==(const ImageSpec&) const = default;
};
// What windows of a series are seen against, besides the mean and the deviation of its group: nothing more; the last
// value that is known, which is taken off; or, instead of the group's, the mean size of what is known, by which they
// are divided (Salinas et al. 2020).
enum class WindowLevel { none, last, mean };
template <>
inline constexpr auto choices<WindowLevel> =
    std::array{Named{WindowLevel::none, "none"}, Named{WindowLevel::last, "last"}, Named{WindowLevel::mean, "mean"}};

// Series that go on, of which windows are read: what was, and what is to be forecast. The only field of its recipe.
struct SeriesSpec {
  // Columns of a table. An empty target is found by the header, an empty date by the cells of the first row; without a
  // group all rows are one series. The others are names with commas between: what is known up to now, and what is known
  // ahead of time too.
  std::string target = {}, date = {}, group = {}, inputs = {}, known = {};
  // Steps before the forecast; 0: two seasons and two horizons, whichever is more, but at most half of what the longest
  // series has before one.
  std::size_t context = 0;
  std::size_t horizon = 24;
  std::size_t season = 0;  // steps; 0: by the dates
  WindowLevel level = WindowLevel::last;
  bool rolled = false;  // a step is forecast from the one before it, not all from the last
  bool operator==(const SeriesSpec&) const = default;
};
// Chords: which of the notes of a piano, numbered as in MIDI, sound at each step.
struct NotesSpec {
  bool operator==(const NotesSpec&) const = default;
};
// The way of a pen: of each step how far it goes, right and down, and whether it is lifted afterwards (1) or not (0).
struct StrokesSpec {
  bool operator==(const StrokesSpec&) const = default;
};
// One endless text, read in windows: the only field of its recipe.
struct EndlessTextSpec {
  CodecOptions codec{TokenizerKind::character, {}};
  bool operator==(const EndlessTextSpec&) const = default;
};

struct FieldSpec {
  std::string name;  // of its column or key; several tasks may have fields of one name
  std::variant<TextSpec, LabelSpec, LabelsSpec, WordsSpec, WordFeatureSpec, TagsSpec, NumbersSpec, ImageSpec,
               SeriesSpec, NotesSpec, StrokesSpec, EndlessTextSpec, KnobSpec>
      kind;
  bool answer = false;  // is to be predicted
  bool aside = false;   // is read beside the text or sequence whose lengths make batches
  bool operator==(const FieldSpec&) const = default;
};

// What the first layer reads; several inputs stand side by side.

struct TokensSpec {  // of a text or of words
  std::string field;
  std::size_t embedding = 0;    // 0: one-hot
  float embedding_dropout = 0;  // of whole rows of the table (Merity et al. 2018)
  std::string vectors = {};     // a file of word vectors that the table starts from
  bool operator==(const TokensSpec&) const = default;
};
struct NumbersInputSpec {
  std::string field;  // of numbers, or of series
  FramesOptions frames = {};
  std::size_t size = 0;  // a linear layer makes vectors of this width of them; 0: they are read as they are
  bool operator==(const NumbersInputSpec&) const = default;
};
struct PixelsSpec {  // of a picture, all in one step
  std::string field;
  bool operator==(const PixelsSpec&) const = default;
};
// A picture seen through convolutions of 3 x 3 that are trained along, each halving height and width and followed by
// what is positive of it (Krizhevsky, Sutskever & Hinton 2012); the places of the last are the steps that are read.
struct ConvolutionsSpec {
  std::string field;
  std::size_t layers = 4, channels = 16;  // of the first; each has twice as many as the one before
  bool operator==(const ConvolutionsSpec&) const = default;
};
struct FeatureInputSpec {  // what stands beside each word
  std::string field;
  std::size_t embedding = 16;
  bool operator==(const FeatureInputSpec&) const = default;
};
// Knobs, beside every step of the input of another field, the first (Wright et al. 2019).
struct KnobsSpec {
  std::vector<std::string> fields;
  std::string beside;
  bool operator==(const KnobsSpec&) const = default;
};
struct PreviousSpec {  // of notes or strokes: the step before each, zeros before the first
  std::string field;
  bool operator==(const PreviousSpec&) const = default;
};
// The letters of words, read by a cell in both directions, or by one that looks back over a window, of whose outputs
// the largest are taken (dos Santos & Zadrozny 2014, Lample et al. 2016).
struct LettersSpec {
  std::string field;
  std::string cell = "lstm";
  std::size_t hidden = 50, embedding = 30;
  bool operator==(const LettersSpec&) const = default;
};
// Beside each token, whether another text, which shares the vocabulary, has it, too.
struct MatchSpec {
  std::string field, other;
  bool operator==(const MatchSpec&) const = default;
};
// What is known before the layers read, which makes the states that they start from where they run in one direction: a
// label's embedding; a text, read by layers of its own; or one vector of numbers.
struct ConditionSpec {
  std::string field;
  std::size_t size = 32;          // of the embedding, of a text's tokens too; of the numbers' layer
  bool feed = false;              // it also stands beside the input of every step
  RecurrentOptions network = {};  // of a text
  bool operator==(const ConditionSpec&) const = default;
};

using InputSpec = std::variant<TokensSpec, NumbersInputSpec, PixelsSpec, ConvolutionsSpec, LettersSpec,
                               FeatureInputSpec, PreviousSpec, MatchSpec, KnobsSpec>;

// How a sequence's outputs become one vector: those of the last step (of each direction), their mean, the largest value
// of each unit, or a mean weighted by learned attention (Yang et al. 2016).
enum class Pooling { last, mean, max, attention };
template <>
inline constexpr auto choices<Pooling> = std::array{Named{Pooling::last, "last"}, Named{Pooling::mean, "mean"},
                                                    Named{Pooling::max, "max"}, Named{Pooling::attention, "attention"}};

// What becomes of the layers' output.

struct LabelHeadSpec {  // one label a sequence
  std::string field;
  Pooling pooling = Pooling::max;
  std::string class_weights = {};  // of the loss: "" none, "balanced", or "label=weight,..."
  // The last of two labels says that a record is right, and of the records that have the same in this field the right
  // ones should come first; empty: labels stand for themselves.
  std::string rank_by = {};
  // The loss of a record is multiplied by (1 - p)^focal, p the probability of what is right (Lin et al. 2017); 0: not.
  float focal = 0;
  bool operator==(const LabelHeadSpec&) const = default;
};
// Any number of labels a sequence, each for itself: which are probable enough is chosen on validation data.
struct LabelsHeadSpec {
  std::string field;
  Pooling pooling = Pooling::max;
  float focal = 0;  // as above
  bool operator==(const LabelsHeadSpec&) const = default;
};
struct TagHeadSpec {  // a tag a step
  std::string field;
  std::string words;       // the field of what is tagged; empty where that is no words
  bool crf = true;         // tags are chosen together (Lafferty, McCallum & Pereira 2001), else each for itself
  bool constrain = false;  // tags that mark chunks are chosen only in orders that their scheme allows
  bool operator==(const TagHeadSpec&) const = default;
};
struct ValuesSpec {  // numbers; the loss is the mean square of what they are off, once scaled
  std::string field;
  std::optional<Pooling> pooling = {};  // one vector a sequence; none: one a step
  bool operator==(const ValuesSpec&) const = default;
};
struct SignalSpec {  // numbers a step, as many as are read: a signal made of another
  std::string field, input;
  float emphasis = 0.95F;      // of high frequencies in the loss: x(t) - emphasis * x(t - 1) is compared
  std::size_t warm_up = 1000;  // so many steps at the beginning of a sequence are not judged
  bool residual = true;        // what is predicted is the difference to the input
  bool operator==(const SignalSpec&) const = default;
};

// What a forecast is and is trained by: a number, by the square of what it is off, its size, or Huber's mixture of
// both; some quantiles; or a distribution, by its likelihood: normal, Student's t, or a mixture of normal ones (Bishop
// 1994, Graves 2013).
enum class ForecastLoss { square, absolute, huber, quantile, normal, student, mixture };
template <>
inline constexpr auto choices<ForecastLoss> =
    std::array{Named{ForecastLoss::square, "square"},  Named{ForecastLoss::absolute, "absolute"},
               Named{ForecastLoss::huber, "huber"},    Named{ForecastLoss::quantile, "quantile"},
               Named{ForecastLoss::normal, "normal"},  Named{ForecastLoss::student, "student"},
               Named{ForecastLoss::mixture, "mixture"}};

struct ForecastSpec {  // how a series goes on
  std::string field;
  ForecastLoss loss = ForecastLoss::square;
  std::size_t components = 3;  // of a mixture
  bool operator==(const ForecastSpec&) const = default;
};
struct NextTokenSpec {  // the next token of what is read
  std::string field;
  bool tied = false;  // the output layer's weight is the embedding's table (Press & Wolf 2017)
  Softmax softmax = Softmax::full;
  std::size_t samples = 512;  // sampled: so many tokens besides the right ones
  bool operator==(const NextTokenSpec&) const = default;
};

// Which model writes best for the validation data: by BLEU, by the share of outputs that are exactly right, by ROUGE
// (the mean of its F1 of words, of pairs of words and of the longest common subsequence), by CIDEr, by word error rate,
// or by the loss.
enum class OutputMeasure { bleu, exact, rouge, cider, wer, loss };
template <>
inline constexpr auto choices<OutputMeasure> = std::array{
    Named{OutputMeasure::bleu, "bleu"},   Named{OutputMeasure::exact, "exact"}, Named{OutputMeasure::rouge, "rouge"},
    Named{OutputMeasure::cider, "cider"}, Named{OutputMeasure::wer, "wer"},     Named{OutputMeasure::loss, "loss"}};

// A text, written by layers that look at what the others have read. source: the text whose words unknown ones are
// copied from; empty where what is read is no text.
struct DecoderSpec {
  std::string field, source;
  RecurrentOptions network;  // in one direction
  std::size_t embedding = 128;
  float embedding_dropout = 0;
  Attention attention = Attention::additive;
  std::size_t attention_size = 0;  // additive: its width; 0: as hidden
  bool tied = false;
  Softmax softmax = Softmax::full;
  std::size_t samples = 512;
  float label_smoothing = 0;
  // Share of the decoder's inputs that are its own predictions, growing from 0 in the first epoch to this in the fifth
  // (Bengio et al. 2015, in two passes as in Mihaylova & Martins 2019).
  float scheduled_sampling = 0;
  OutputMeasure measure = OutputMeasure::bleu;
  std::string input = {};    // the field of numbers or pictures that is read; records with the same are about one thing
  bool copy_unknown = true;  // an unknown word becomes the word of the source that was looked at most
  // A word may be copied from the source, known or not: it is written with probability g p(word) + (1 - g) times how
  // much its places are looked at (See, Liu & Manning 2017). With full softmax and attention only.
  bool pointer = false;
  // What has been looked at is known where to look next, and looking there again costs this much, from the epoch
  // coverage_from on (See, Liu & Manning 2017); 0: neither. Of additive attention.
  float coverage = 0;
  std::uint64_t coverage_from = 0;
  bool operator==(const DecoderSpec&) const = default;
};

// A text, whose tokens stand somewhere along the steps, in order: each step gives probabilities of a token and of none
// (connectionist temporal classification, Graves et al. 2006). Measured by its error rates.
struct CtcSpec {
  std::string field;
  bool operator==(const CtcSpec&) const = default;
};

// As CTC, but each token also depends on those before it, which layers of the transducer's own have read (Graves 2012).
struct TransducerSpec {
  std::string field;
  RecurrentOptions network;    // of what reads the tokens, in one direction
  std::size_t embedding = 64;  // of the tokens that it reads; 0: one-hot
  std::size_t joint = 128;     // width of the layer where both meet
  bool operator==(const TransducerSpec&) const = default;
};

// The next chord: of each note whether it sounds, given all that came before (Boulanger-Lewandowski, Bengio & Vincent
// 2012).
struct NextNotesSpec {
  std::string field;
  bool operator==(const NextNotesSpec&) const = default;
};

// Where a pen goes next, and what it does then, given all that it drew before: a mixture of normal distributions of two
// numbers that may be correlated (Graves 2013), and whether the pen draws on, is lifted, or the drawing ends (Ha & Eck
// 2018).
struct NextStrokeSpec {
  std::string field;
  std::size_t components = 20;
  bool operator==(const NextStrokeSpec&) const = default;
};

// Pictures, drawn on a canvas step by step and, in training, looked at in between (DRAW: Gregor et al. 2015). Encoder
// and decoder are of `network`: one layer that runs in one direction. No layers stand between it and the pixels that
// are read.
struct DrawSpec {
  std::string field;
  RecurrentOptions network;
  std::size_t glimpses = 64;  // steps
  std::size_t latent = 100;   // numbers that are drawn at each
  bool attention = true;      // of read x read places and write x write, else of the whole picture
  std::size_t read = 2, write = 5;
  bool operator==(const DrawSpec&) const = default;
};

using HeadSpec =
    std::variant<LabelHeadSpec, LabelsHeadSpec, TagHeadSpec, ValuesSpec, SignalSpec, ForecastSpec, NextTokenSpec,
                 NextNotesSpec, NextStrokeSpec, DecoderSpec, CtcSpec, TransducerSpec, DrawSpec>;

// The field of the text whose tokens stand along the steps of what is read, in order; null of a head that writes none
// such.
inline const std::string* text_along_steps(const HeadSpec& head) {
  if (const auto* ctc = std::get_if<CtcSpec>(&head)) return &ctc->field;
  const auto* transducer = std::get_if<TransducerSpec>(&head);
  return transducer == nullptr ? nullptr : &transducer->field;
}

// What the data has for a task that takes any: its recipe may depend on it.
enum class InputKind { text, numbers, frames, pictures };  // frames: of sounds, or files of features

struct Recipe {
  std::vector<FieldSpec> fields = {};
  std::vector<InputSpec> input = {};
  std::optional<ConditionSpec> condition = {};
  RecurrentOptions network = {};  // of no layers: the head has what is read
  HeadSpec head = {};
  // Trained in windows of TrainingOptions::unroll steps, the state carried from one to the next of a sequence, where
  // the head makes numbers of every step; else on whole sequences.
  bool windows = false;
  bool operator==(const Recipe&) const = default;
};

}  // namespace recur
