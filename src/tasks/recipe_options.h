// What the options of several tasks have in common.
#pragma once

#include <string>
#include <utility>

#include "recur/types/tasks.h"

namespace recur {

inline constexpr const char* kEmbeddingHelp = "Width of the input's embedding; 0: one-hot";

// Of a task that reads one sequence, and of the layers over it.
template <class Options>
void list_sequence(OptionList& list, Options& o) {
  list_options(list, o.text);
  list_options(list, o.sound);
  list_options(list, o.frames);
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_every(list, o.network);
}

// What of these is about pictures, and what about sounds; the rest is as it is by default.
inline SoundOptions of_pictures(const SoundOptions& o) {
  SoundOptions kept;
  kept.height = o.height;
  kept.normalize = o.normalize;
  return kept;
}
inline SoundOptions of_sounds(SoundOptions o) {
  o.height = SoundOptions().height;
  return o;
}

// The field of frames, of pictures of lines or of whatever can be heard, and what reads it.
template <class Options>
void add_frames(Recipe& recipe, const Options& o, bool pictures) {
  const char* name = pictures ? "image" : "audio";
  recipe.fields.push_back(
      {name, NumbersSpec{.sound = pictures ? of_pictures(o.sound) : of_sounds(o.sound), .pictures = pictures}});
  recipe.input = {NumbersInputSpec{name, o.frames}};
}

// The field of that sequence, a text or vectors, and what reads it.
template <class Options>
void add_sequence(Recipe& recipe, const Options& o, InputKind kind) {
  if (kind == InputKind::frames || kind == InputKind::pictures) {
    add_frames(recipe, o, kind == InputKind::pictures);
  } else if (kind == InputKind::numbers) {
    recipe.fields.push_back({"sequence", NumbersSpec{}});
    recipe.input = {NumbersInputSpec{"sequence", o.frames}};
  } else {
    recipe.fields.push_back({"text", TextSpec{o.text}});
    recipe.input = {TokensSpec{"text", o.embedding, o.embedding_dropout, o.vectors}};
  }
}

// A decoder as the options of a task have it; those that they lack are as they are by default.
template <class Options>
DecoderSpec decoder_of(const Options& o, std::string field, std::string source) {
  DecoderSpec decoder{std::move(field), std::move(source), o.network};
  decoder.embedding = o.embedding;
  decoder.attention = o.attention;
  decoder.attention_size = o.attention_size;
  decoder.label_smoothing = o.label_smoothing;
  if constexpr (requires { o.embedding_dropout; }) decoder.embedding_dropout = o.embedding_dropout;
  if constexpr (requires { o.scheduled_sampling; }) decoder.scheduled_sampling = o.scheduled_sampling;
  if constexpr (requires { o.tied; }) {
    decoder.tied = o.tied;
    decoder.softmax = o.softmax;
    decoder.samples = o.samples;
  }
  return decoder;
}

// How a text is cut where the task's standard is about words: pieces are of texts as they are. Other options than the
// standard's stay, and are refused.
inline CodecOptions codec_of(CodecOptions codec, const CodecOptions& standard) {
  if (codec.kind != TokenizerKind::subword) return codec;
  if (codec.words.min_count == standard.words.min_count) codec.words.min_count = 0;
  if (codec.words.max_vocab == standard.words.max_vocab) codec.words.max_vocab = 0;
  codec.words.lowercase = codec.words.lowercase && !standard.words.lowercase;
  return codec;
}

// Of an encoder and decoder: both texts, the second with flags that begin with `prefix`, and what reads and writes
// them.
template <class Options>
void list_pair(OptionList& list, Options& o, CodecOptions& written, const char* prefix, const char* embedding_help) {
  list.prefix("source-");
  list_options(list, o.source);
  list.prefix(prefix);
  list_options(list, written);
  list.prefix("");
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, embedding_help);
}

// How a decoder looks at what was read; `of`: in which ways it may, all if empty.
void list_attention(OptionList& list, Attention& kind, std::size_t& size, std::vector<Attention> of);
void list_decoder_regularisation(OptionList& list, float& label_smoothing, float& scheduled_sampling);
void list_vectors(OptionList& list, std::string& file);
void list_softmax(OptionList& list, Softmax& kind, std::size_t& samples, std::vector<Softmax> of);

// Where a data file has what is asked for.
void list_options(OptionList& list, DataLayout& layout);
// What it looks like, where columns have flags of their own.
void list_format(OptionList& list, DataLayout& layout);

inline constexpr const char *kSearchGroup = "Search", *kDecoderGroup = "Search, of a decoder",
                            *kSampleGroup = "Drawing, by a decoder", *kStepsGroup = "Search, of CTC or a transducer";
// How forecasts are drawn from distributions, and outputs of decoders.
void list_forecast_options(OptionList& list, PredictOptions& options);

// How outputs are searched for.
void list_options(OptionList& list, DecodeOptions& options);

}  // namespace recur
