// The fields of recur/tasks.h by the names of their flags, for base/json_fields.h.
#pragma once

#include <concepts>
#include <type_traits>

#include "base/json_fields.h"
#include "data/text_fields.h"
#include "nn/network_fields.h"
#include "recur/tasks.h"

namespace recur {

// A type itself, or what may only be read of it.
template <class T, class Type>
concept OrConst = std::same_as<std::remove_const_t<T>, Type>;

template <OrConst<ClassifyOptions> Options, class Visit>
void visit_options(Options& o, const Visit& visit) {
  visit_recurrent(o.network, visit);
  visit("bidirectional", o.network.bidirectional);
  visit_codec(o.text, visit);
  visit("embedding", o.embedding);
  visit("embedding-dropout", o.embedding_dropout);
  visit("embeddings", o.vectors);
  visit("pooling", o.pooling);
  visit("class-weights", o.class_weights);
  visit("init-from", o.init_from);
  visit("freeze-epochs", o.freeze_epochs);
}

template <OrConst<TagOptions> Options, class Visit>
void visit_options(Options& o, const Visit& visit) {
  visit_recurrent(o.network, visit);
  visit("bidirectional", o.network.bidirectional);
  visit("min-count", o.words.min_count);
  visit("max-vocab", o.words.max_vocab);
  visit("lowercase", o.words.lowercase);
  visit("embedding", o.embedding);
  visit("embedding-dropout", o.embedding_dropout);
  visit("embeddings", o.vectors);
  visit("letter-cell", o.letter_cell);
  visit("letter-hidden", o.letter_hidden);
  visit("letter-embedding", o.letter_embedding);
  visit("crf", o.crf);
}

template <OrConst<ConditionedOptions> Options, class Visit>
void visit_options(Options& o, const Visit& visit) {
  visit_recurrent(o.network, visit);
  visit_codec(o.text, visit);
  visit("embedding", o.embedding);
  visit("embedding-dropout", o.embedding_dropout);
  visit("condition-size", o.condition_size);
  visit("feed-condition", o.feed_condition);
}

template <OrConst<TranslateOptions> Options, class Visit>
void visit_options(Options& o, const Visit& visit) {
  visit_recurrent(o.network, visit);
  visit("bidirectional", o.network.bidirectional);
  visit_codec(o.source, WithPrefix<Visit>{"source-", visit});
  visit_codec(o.target, WithPrefix<Visit>{"target-", visit});
  visit("embedding", o.embedding);
  visit("embedding-dropout", o.embedding_dropout);
  visit("attention", o.attention);
  visit("attention-size", o.attention_size);
  visit("reverse-source", o.reverse_source);
  visit("tied", o.tied);
  visit("softmax", o.softmax);
  visit("samples", o.samples);
  visit("label-smoothing", o.label_smoothing);
  visit("scheduled-sampling", o.scheduled_sampling);
  visit("measure", o.measure);
  visit("copy-unknown", o.copy_unknown);
}

}  // namespace recur
