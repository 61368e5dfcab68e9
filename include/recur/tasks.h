// The tasks that come with recur: what each can be told, and its recipe. recur/task_model.h trains and runs them.
//
// Plain data and functions without state, safe from any thread. Names that to_string() returns live as long as the
// program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "recur/network.h"
#include "recur/options.h"
#include "recur/recipe.h"
#include "recur/record.h"
#include "recur/text.h"

namespace recur {

// A language model of one text: it predicts the next byte, character or word. dropout is of the embedding too.
struct LanguageModelOptions : RecurrentOptions {
  std::size_t embedding = 0;        // its width; 0 is one-hot input
  bool tied = false;                // the output layer's weight is the embedding's table (Press & Wolf 2017)
  float embedding_dropout = 0;      // of whole rows of the embedding's table (Merity et al. 2018)
  Softmax softmax = Softmax::full;  // or sampled: training looks at a sample of a large vocabulary
  std::size_t samples = 512;        // sampled: so many tokens besides the right ones
  TokenizerKind tokenizer = TokenizerKind::character;  // not subword
  TokenizerOptions words = {};
};
void list_options(OptionList& list, LanguageModelOptions& options);
Recipe recipe(const LanguageModelOptions& options);

// Many to one: a label for a text or for a sequence of vectors.
struct ClassifyOptions {
  RecurrentOptions network{.layers = 1, .hidden = 128, .bidirectional = true, .dropout = 0.3F};
  CodecOptions text;
  std::size_t embedding = 128;
  float embedding_dropout = 0;
  std::string vectors;  // a file of word vectors that the embedding starts from
  Pooling pooling = Pooling::max;
  std::string class_weights;        // of the loss: "" none, "balanced", or "label=weight,..."
  std::string init_from;            // a language model whose vocabulary, embedding and layers this one starts from
  std::uint64_t freeze_epochs = 0;  // in which these are not trained
};
void list_options(OptionList& list, ClassifyOptions& options);
Recipe recipe(const ClassifyOptions& options, bool numbers);

// Many to many, of equal length: a tag for each word of a sentence.
struct TagOptions {
  RecurrentOptions network{.layers = 1, .hidden = 200, .bidirectional = true, .dropout = 0.5F};
  TokenizerOptions words{.min_count = 2};
  std::size_t embedding = 100;
  float embedding_dropout = 0;
  std::string vectors;  // a file of word vectors that the embedding starts from
  // A word is also read letter by letter: by a recurrent cell in both directions, or one that looks back over a window,
  // of whose outputs the largest are taken (dos Santos & Zadrozny 2014, Lample et al. 2016); "none": it is not.
  std::string letter_cell = "lstm";
  std::size_t letter_hidden = 50, letter_embedding = 30;
  bool crf = true;  // tags are chosen together (Lafferty, McCallum & Pereira 2001), else each for itself
};
void list_options(OptionList& list, TagOptions& options);
Recipe recipe(const TagOptions& options);

// One to many: a text for a label. A language model of whole texts, which starts each from states made of its label's
// embedding and writes until it ends it.
struct ConditionedOptions {
  RecurrentOptions network{.layers = 2, .hidden = 256, .dropout = 0.2F};  // in one direction
  CodecOptions text{TokenizerKind::character, {}};
  std::size_t embedding = 64;  // 0: one-hot
  float embedding_dropout = 0;
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
  TranslationMeasure measure = TranslationMeasure::bleu;
  bool copy_unknown = true;  // an unknown word of the output becomes the word of the source that was looked at most
};
void list_options(OptionList& list, TranslateOptions& options);
Recipe recipe(const TranslateOptions& options);

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

// How outputs are searched for.
struct DecodeOptions {
  std::size_t beam = 5;       // beginnings that are followed at once; 1: always the most probable token
  double length_penalty = 1;  // outputs are compared by log p / tokens^this
  // Tokens of an output at most, its end among them; 0: as many as the training data has for sources of that length,
  // and more.
  std::size_t max_output = 0;
  std::size_t n_best = 1;  // of each source, at most `beam`
};

// How predictions are made.
struct PredictOptions {
  std::size_t max_length = 10'000;  // longer sequences are cut
  DataLayout layout = {};           // of a file
  DecodeOptions decode = {};
  bool alignments = false;    // with what the best output of a decoder looked at
  std::size_t samples = 200;  // of a forecast's distribution
  std::uint64_t seed = 1;     // of what is drawn
};

}  // namespace recur
