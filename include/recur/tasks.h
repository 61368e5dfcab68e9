// The tasks on records: what each can be told. recur/task_model.h trains and runs them.
//
// Plain data and functions without state, safe from any thread. Names that to_string() returns live as long as the
// program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/network.h"
#include "recur/text.h"

namespace recur {

// How a sequence's outputs become one vector: those of the last step (of each direction), their mean, the largest value
// of each unit, or a mean weighted by learned attention (Yang et al. 2016).
enum class Pooling { last, mean, max, attention };
template <>
inline constexpr auto choices<Pooling> = std::array{Named{Pooling::last, "last"}, Named{Pooling::mean, "mean"},
                                                    Named{Pooling::max, "max"}, Named{Pooling::attention, "attention"}};

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

// Which translation of the validation data is the best: by BLEU, by the share of outputs that are exactly right, or by
// the loss.
enum class TranslationMeasure { bleu, exact, loss };
template <>
inline constexpr auto choices<TranslationMeasure> =
    std::array{Named{TranslationMeasure::bleu, "bleu"}, Named{TranslationMeasure::exact, "exact"},
               Named{TranslationMeasure::loss, "loss"}};

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

// How outputs are searched for.
struct DecodeOptions {
  std::size_t beam = 5;       // beginnings that are followed at once; 1: always the most probable token
  double length_penalty = 1;  // outputs are compared by log p / tokens^this
  // Tokens of an output at most, its end among them; 0: as many as the training data has for sources of that length,
  // and more.
  std::size_t max_output = 0;
  std::size_t n_best = 1;  // of each source, at most `beam`
  bool scores = false;     // predictions are lines of score<TAB>output; with n_best above 1 of
                           // number<TAB>score<TAB>output, the source's line in the file
};

// How much a decoder looked at each token of the source before it wrote each of its own.
struct Alignment {
  std::vector<std::string> source, target;  // target: the last is the output's end
  std::vector<float> weights;               // [target, source], each row adds up to 1
};

struct PredictOptions {
  std::size_t max_length = 10'000;  // longer sequences are cut
  DecodeOptions decode;
  std::function<void(const Alignment&)> alignment;  // called for each record's best output; or empty
};

}  // namespace recur
