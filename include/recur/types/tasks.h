// The tasks that come with recur: what each can be told, and its recipe. recur/model.h trains and runs them.
//
// Plain data and functions without state, safe from any thread. Names that to_string() returns live as long as the
// program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "recur/types/error.h"
#include "recur/types/generation.h"
#include "recur/types/network.h"
#include "recur/types/options.h"
#include "recur/types/recipe.h"
#include "recur/types/record.h"
#include "recur/types/text.h"

namespace recur {

// A language model of one text: it predicts the next byte, character, word or subword. dropout is of the embedding too.
struct LanguageModelOptions : RecurrentOptions {
  std::size_t embedding = 0;        // its width; 0 is one-hot input
  bool tied = false;                // the output layer's weight is the embedding's table (Press & Wolf 2017)
  float embedding_dropout = 0;      // of whole rows of the embedding's table (Merity et al. 2018)
  Softmax softmax = Softmax::full;  // or sampled: training looks at a sample of a large vocabulary
  std::size_t samples = 512;        // sampled: so many tokens besides the right ones
  TokenizerKind tokenizer = TokenizerKind::character;
  TokenizerOptions words = {};
  std::size_t subwords = 8000;  // as in CodecOptions
};
void list_options(OptionList& list, LanguageModelOptions& options);
Recipe recipe(const LanguageModelOptions& options);

// Whether a record has one label, or any number of them.
enum class LabelCount { one, several };
template <>
inline constexpr auto choices<LabelCount> =
    std::array{Named{LabelCount::one, "one"}, Named{LabelCount::several, "several"}};

// Many to one: a label for a text, a sequence of vectors, or a sound or picture.
struct ClassifyOptions {
  RecurrentOptions network{.layers = 1, .hidden = 128, .bidirectional = true, .dropout = 0.3F};
  CodecOptions text;
  SoundOptions sound;
  FramesOptions frames;
  std::size_t embedding = 128;
  float embedding_dropout = 0;
  std::string vectors;  // a file of word vectors that the embedding starts from
  Pooling pooling = Pooling::max;
  LabelCount labels = LabelCount::one;
  std::string class_weights;  // of the loss: "" none, "balanced", or "label=weight,..."; of one label
  float focal = 0;            // see LabelHeadSpec
};
void list_options(OptionList& list, ClassifyOptions& options);
Recipe recipe(const ClassifyOptions& options, InputKind kind);

// A number, or a vector, for a text, a sequence of vectors or a sound, or for each of its steps.
struct RegressOptions {
  RecurrentOptions network{.layers = 1, .hidden = 64, .bidirectional = true};
  CodecOptions text;
  SoundOptions sound;
  FramesOptions frames;
  std::size_t embedding = 64;
  float embedding_dropout = 0;
  std::string vectors;     // a file of word vectors that the embedding starts from
  bool each_step = false;  // else one for the whole
  Pooling pooling = Pooling::mean;
};
void list_options(OptionList& list, RegressOptions& options);
Recipe recipe(const RegressOptions& options, InputKind kind);

// Many to many, of equal length: a tag for each word of a sentence.
struct TagOptions {
  RecurrentOptions network{.layers = 1, .hidden = 200, .bidirectional = true, .dropout = 0.5F};
  TokenizerOptions words{.min_count = 2};
  std::size_t embedding = 100;
  float embedding_dropout = 0;
  std::string vectors;       // a file of word vectors that the embedding starts from
  bool all_vectors = false;  // whose words are known, too, whether the data has them or not
  std::size_t features = 0;  // so many more columns between the word and the tag are read, too
  std::size_t feature_embedding = 16;
  TagScheme scheme = TagScheme::as_they_are;  // that the tags are made into
  bool constrain = false;                     // see TagHeadSpec
  // A word is also read letter by letter: by a recurrent cell in both directions, or one that looks back over a window,
  // of whose outputs the largest are taken (dos Santos & Zadrozny 2014, Lample et al. 2016); "none": it is not.
  std::string letter_cell = "lstm";
  std::size_t letter_hidden = 50, letter_embedding = 30;
  bool crf = true;  // tags are chosen together (Lafferty, McCallum & Pereira 2001), else each for itself
};
void list_options(OptionList& list, TagOptions& options);
Recipe recipe(const TagOptions& options, InputKind kind);

// A language model of texts that begin and end, a record each (names, tweets, lines of a log): every one starts from
// the same states, and the model ends what it writes itself.
struct LinesOptions {
  RecurrentOptions network{.layers = 2, .hidden = 256, .dropout = 0.2F};  // in one direction
  CodecOptions text{TokenizerKind::character, {}};
  std::size_t embedding = 64;  // 0: one-hot
  float embedding_dropout = 0;
  bool tied = false;                // the output layer's weight is the embedding's table
  Softmax softmax = Softmax::full;  // or sampled
  std::size_t samples = 512;        // sampled: so many tokens besides the right ones
};
void list_options(OptionList& list, LinesOptions& options);
Recipe recipe(const LinesOptions& options);

// One to many: a text for a label. A language model of lines, which starts each from states made of its label's
// embedding.
struct ConditionedOptions : LinesOptions {
  std::size_t condition_size = 32;  // width of the labels' embedding
  bool feed_condition = false;      // which is also beside the input of every step
};
void list_options(OptionList& list, ConditionedOptions& options);
Recipe recipe(const ConditionedOptions& options);

// Many to many, of unequal lengths: an encoder reads the source, a decoder writes the target (Sutskever, Vinyals & Le
// 2014; Cho et al. 2014), looking at what it needs of the source (Bahdanau, Cho & Bengio 2015; Luong, Pham & Manning
// 2015).
struct TranslateOptions {
  // Of encoder and decoder; bidirectional is the encoder's.
  RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 256, .bidirectional = true, .dropout = 0.3F};
  CodecOptions source, target;
  std::size_t embedding = 128;
  float embedding_dropout = 0;
  Attention attention = Attention::additive;
  std::size_t attention_size = 0;  // additive: its width; 0: as hidden
  bool reverse_source = false;     // the source is read from its end to its beginning (Sutskever et al. 2014)
  bool tied = false;               // the output layer's weight is the table of the target's embedding
  Softmax softmax = Softmax::full;
  std::size_t samples = 512;  // sampled: so many tokens besides the right ones
  float label_smoothing = 0;
  // Share of the decoder's inputs that are its own predictions, growing from 0 in the first epoch to this in the fifth
  // (Bengio et al. 2015, in two passes as in Mihaylova & Martins 2019).
  float scheduled_sampling = 0;
  OutputMeasure measure = OutputMeasure::bleu;
  bool copy_unknown = true;  // an unknown word of the output becomes the word of the source that was looked at most
};
void list_options(OptionList& list, TranslateOptions& options);
Recipe recipe(const TranslateOptions& options);

// Many to few: a short text that says what a long one does (Nallapati et al. 2016). A translator whose encoder and
// decoder may have vocabularies of their own, and whose decoder can copy words (See, Liu & Manning 2017).
struct SummarizeOptions {
  // Of encoder and decoder; bidirectional is the encoder's.
  RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 200, .bidirectional = true, .dropout = 0.3F};
  CodecOptions source{TokenizerKind::token, {.max_vocab = 50'000, .lowercase = true}};
  CodecOptions summary{TokenizerKind::token, {.max_vocab = 50'000, .lowercase = true}};
  std::size_t embedding = 100;
  float embedding_dropout = 0;
  std::string vectors;  // a file of word vectors that the source's embedding starts from
  Attention attention = Attention::additive;
  std::size_t attention_size = 0;  // additive: its width; 0: as hidden
  bool pointer = true;             // see DecoderSpec
  float coverage = 0;
  std::uint64_t coverage_from = 0;
  bool tied = false;  // the output layer's weight is the table of the summary's embedding
  Softmax softmax = Softmax::full;
  std::size_t samples = 512;  // sampled: so many tokens besides the right ones
  float label_smoothing = 0;
  float scheduled_sampling = 0;  // see DecoderSpec
};
void list_options(OptionList& list, SummarizeOptions& options);
Recipe recipe(const SummarizeOptions& options);

// One to many: a text about a picture (Vinyals et al. 2015), of which there are features, one vector or a map of them;
// or which is seen through convolutions. With a map, or convolutions, the decoder may look at its places (Xu et al.
// 2015).
struct CaptionOptions {
  RecurrentOptions network{.cell = "lstm", .layers = 1, .hidden = 512, .dropout = 0.5F};  // of the decoder
  std::size_t size = 512;                       // of what a linear layer makes of features
  std::size_t height = 128, width = 128;        // pictures in files are scaled to this
  std::size_t convolutions = 4, channels = 16;  // see ConvolutionsSpec
  CodecOptions text{TokenizerKind::token, {.min_count = 2, .lowercase = true}};
  std::size_t embedding = 256;
  float embedding_dropout = 0;
  Attention attention = Attention::none;
  std::size_t attention_size = 0;  // additive: its width; 0: as hidden
  float label_smoothing = 0;
  OutputMeasure measure = OutputMeasure::cider;
};
void list_options(OptionList& list, CaptionOptions& options);
Recipe recipe(const CaptionOptions& options, InputKind kind);

// Pictures from nothing, drawn step by step (DRAW: Gregor et al. 2015).
struct DrawOptions {
  RecurrentOptions network{.cell = "lstm", .layers = 1, .hidden = 256};  // of encoder and decoder
  std::size_t height = 28, width = 28;                                   // pictures in files are scaled to this
  bool colour = false;
  std::size_t glimpses = 32;  // see DrawSpec
  std::size_t latent = 10;
  bool attention = true;
  std::size_t read = 2, write = 5;
};
void list_options(OptionList& list, DrawOptions& options);
Recipe recipe(const DrawOptions& options, InputKind kind);

// A question about a text, whose answer is one of those of the training data (Hermann et al. 2015); or, of several
// texts, which answers the question (Wang & Nyberg 2015). The question is read first, and what was made of it stands
// beside every word of the text.
enum class AnswerKind { read, choose };
template <>
inline constexpr auto choices<AnswerKind> =
    std::array{Named{AnswerKind::read, "read"}, Named{AnswerKind::choose, "choose"}};
struct AnswerOptions {
  AnswerKind kind = AnswerKind::read;
  RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 128, .bidirectional = true, .dropout = 0.3F};
  CodecOptions text{TokenizerKind::token, {.lowercase = true}};
  std::size_t embedding = 64;  // of question and text
  float embedding_dropout = 0;
  std::string vectors;  // a file of word vectors that the embedding starts from
  Pooling pooling = Pooling::attention;
  bool match = true;          // beside each word: whether the question has it, too
  std::string class_weights;  // of the loss: "" none, "balanced", or "label=weight,..."
};
void list_options(OptionList& list, AnswerOptions& options);
Recipe recipe(const AnswerOptions& options);

// Sound to sound, sample by sample: an effect, an amplifier (Wright et al. 2019).
struct EffectOptions {
  RecurrentOptions network{.layers = 1, .hidden = 32};  // in one direction
  std::size_t sample_rate = 44'100;                     // sounds of another are resampled
  float emphasis = 0.95F;                               // see SignalSpec
  std::size_t warm_up = 1000;
  bool residual = true;
  std::string knobs;  // names with commas between: fields that say where the knobs of the device stood
};
void list_options(OptionList& list, EffectOptions& options);
Recipe recipe(const EffectOptions& options);

// What writes a transcript: CtcSpec, TransducerSpec, or a decoder that looks at what was read (Listen, Attend and
// Spell: Chan et al. 2016).
enum class TranscriptOutput { ctc, transducer, attention };
template <>
inline constexpr auto choices<TranscriptOutput> =
    std::array{Named{TranscriptOutput::ctc, "ctc"}, Named{TranscriptOutput::transducer, "transducer"},
               Named{TranscriptOutput::attention, "attention"}};

// Many to many, of unequal lengths: the text of a recording, read as a sequence of vectors (Graves, Mohamed & Hinton
// 2013), or of a picture of a line of text, read column by column (Breuel et al. 2013).
struct TranscribeOptions {
  RecurrentOptions network{.cell = "lstm", .layers = 3, .hidden = 250, .bidirectional = true, .dropout = 0.3F};
  SoundOptions sound;
  FramesOptions frames;
  CodecOptions text{TokenizerKind::character, {}};
  TranscriptOutput output = TranscriptOutput::ctc;
  // Of the decoder or the transducer's reader of tokens, which has one layer of the same cells.
  std::size_t embedding = 64;
  std::size_t joint = 128;  // see TransducerSpec
  Attention attention = Attention::additive;
  std::size_t attention_size = 0;  // additive: its width; 0: as hidden
  float label_smoothing = 0;
  float scheduled_sampling = 0;  // see DecoderSpec
};
void list_options(OptionList& list, TranscribeOptions& options);
Recipe recipe(const TranscribeOptions& options, InputKind kind);

// Numbers to numbers: how series go on. From the last step all of the horizon at once, or rolled out: a step from the
// one before it, in training over the whole window (Salinas et al. 2020).
struct ForecastOptions {
  RecurrentOptions network{.layers = 1, .hidden = 64};  // in one direction
  SeriesSpec series;
  ForecastLoss loss = ForecastLoss::square;
  std::size_t components = 3;  // of a mixture
};
void list_options(OptionList& list, ForecastOptions& options);
Recipe recipe(const ForecastOptions& options);

// Music: which notes sound next, of those of a piano.
struct ChordsOptions {
  RecurrentOptions network{.layers = 1, .hidden = 128, .dropout = 0.3F};  // in one direction
};
void list_options(OptionList& list, ChordsOptions& options);
Recipe recipe(const ChordsOptions& options);

// Handwriting and sketches: where a pen goes next (Graves 2013).
struct StrokesOptions {
  RecurrentOptions network{.cell = "lstm", .layers = 1, .hidden = 256};  // in one direction
  std::size_t components = 20;                                           // see NextStrokeSpec
};
void list_options(OptionList& list, StrokesOptions& options);
Recipe recipe(const StrokesOptions& options);

// How outputs are searched for.
struct DecodeOptions {
  std::size_t beam = 5;       // beginnings that are followed at once; 1: always the most probable token
  double length_penalty = 1;  // of a decoder: outputs are compared by log p / tokens^this
  // Tokens of an output at most, its end among them; 0: as many as the training data has for sources of that length,
  // and more.
  std::size_t max_output = 0;
  std::size_t n_best = 1;  // of each source, at most `beam`
  // Of a decoder: its outputs have at least so many tokens before they end, and no run of so many tokens twice; 0: any.
  std::size_t min_output = 0, no_repeat = 0;
  // Of a decoder that looks at the source: outputs are compared with coverage_penalty * sum of log min(1, how much a
  // token of the source was looked at) added (Wu et al. 2016).
  double coverage_penalty = 0;
  std::vector<std::string> contain = {};  // words or phrases that its outputs must have
  // Of a decoder: outputs are drawn, n_best of each source, not searched for.
  bool sample = false;
  SamplingOptions sampling = {};
  // Of CTC and transducers: outputs are compared by log p + lm_weight * log p of a language model + insertion_bonus *
  // words. The model is one of characters or words; "": none.
  std::string language_model = {};
  double lm_weight = 0.5, insertion_bonus = 0;
  std::string lexicon = {};  // a file whose words, the first of each line, are all that may be written; "": any
};

class TextScorer;

// What a language model learns from the text that it is scored on, each token being scored before it is learned from.
struct Adaptation {
  double rate = 0;        // dynamic evaluation (Krause et al. 2018): its step size; 0: none
  double decay = 0.002;   // how fast it goes back to the parameters that were trained
  std::size_t cache = 0;  // a neural cache (Grave, Joulin & Usunier 2017) of so many last states; 0: none
  double cache_flatness = 0.3, cache_share = 0.1;  // theta; lambda
};

// How predictions are made.
struct PredictOptions {
  std::size_t max_length = 10'000;  // longer sequences are cut
  DataLayout layout = {};           // of a file
  DecodeOptions decode = {};
  bool alignments = false;  // with what the best output of a decoder looked at, or when it was spoken
  // Threads of this call at most; 0: as many as OpenMP has for the calling thread. The results have the same bits.
  std::size_t threads = 0;
  // What a model makes of the language model and the lexicon of `decode` while it predicts; left alone by others.
  TextScorer* scorer = nullptr;
  std::size_t samples = 200;   // of a forecast's distribution
  std::uint64_t seed = 1;      // of what is drawn
  bool probabilities = false;  // of tags: with the probability of each
  bool tokens = false;         // of texts that are scored: with the score of each token
  bool score = false;          // of a decoder: how probable the target that is given is, and nothing is searched for
  Adaptation adaptation = {};
  // Where knobs stand for all records, which then need not say it.
  std::vector<Knob> knobs = {};
  // If there is one: a record of a file that cannot be read, or is none for this model, does not end the call with an
  // Error; this is told of the Error instead, on the calling thread, and the record is left out.
  std::function<void(const Error& problem)> skip_bad = {};
};

}  // namespace recur
