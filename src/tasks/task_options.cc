#include "tasks/task_options.h"

#include <algorithm>

#include "data/text_options.h"
#include "nn/network_options.h"
#include "recur/cell.h"

namespace recur {
namespace {

// Tokens to a larger power overflow.
constexpr Reals kPenalty = {"a number from 0 to 50", [](double x) { return x >= 0 && x <= 50; }};

constexpr const char* kEmbeddingHelp = "Width of the input's embedding; 0: one-hot";

void list_vectors(OptionList& list, std::string& file) {
  list.group("Start");
  list.text("embeddings", file, "FILE", "Word vectors to start from, of word2vec, GloVe or fastText (.vec)");
}

void list_softmax(OptionList& list, Softmax& kind, std::size_t& samples, std::vector<Softmax> of) {
  list.group("Output");
  list.choice("softmax", kind, "Over the vocabulary; the others than full are for large ones", std::move(of));
  list.count("samples", samples, {1, 10'000'000}, "sampled: tokens that are drawn for each batch");
}

void list_letters(OptionList& list, TagOptions& o) {
  list.group("Letters");
  list.text("letter-cell", o.letter_cell, "NAME",
            "Cell that reads each word's letters: any, or none to read words only", [](const std::string& name) {
              const bool known =
                  std::ranges::any_of(all_cells(), [&](const CellInfo* cell) { return cell->name == name; });
              if (name == "none" || known) return "";
              return "a cell that recur cells lists, or none";
            });
  list.count("letter-hidden", o.letter_hidden, {1, 1'000'000}, "Its units, of each direction");
  list.count("letter-embedding", o.letter_embedding, {0, 1'000'000}, "Width of a letter's embedding; 0: one-hot");
}

}  // namespace

void list_options(OptionList& list, ClassifyOptions& o) {
  list_options(list, o.text);
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, kEmbeddingHelp);
  list_vectors(list, o.vectors);
  list.group("Network");
  list.choice("pooling", o.pooling, "How a sequence's outputs become one vector");
  list.group("Batches and gradients");
  list.text("class-weights", o.class_weights, "WEIGHTS",
            "Weights in the loss: balanced, or label=weight with commas between");
  list.group("Start");
  list.text("init-from", o.init_from, "MODEL",
            "A language model whose vocabulary, embedding and layers this one starts from");
  list.count("freeze-epochs", o.freeze_epochs, {}, "Epochs in which these are not trained");
}

void list_options(OptionList& list, TagOptions& o) {
  list_options(list, o.words);
  list_letters(list, o);
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, "Width of the words' embedding");
  list_vectors(list, o.vectors);
  list.group("Network");
  list.flag("crf", o.crf, "Choose the tags of a sentence together; --crf=false: each for itself");
}

void list_options(OptionList& list, TranslateOptions& o) {
  list.prefix("source-");
  list_options(list, o.source);
  list.prefix("target-");
  list_options(list, o.target);
  list.prefix("");
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout,
                 "Width of both embeddings; 0: one-hot, without attention only");
  list.group("Network");
  list.choice("attention", o.attention, "How the decoder looks at the source");
  list.count("attention-size", o.attention_size, {0, 1'000'000}, "additive: its width; 0: as --hidden");
  list.flag("reverse-source", o.reverse_source, "Read the source from its end to its beginning");
  list.flag("copy-unknown", o.copy_unknown,
            "An unknown word of the output becomes the word of the source that was looked at most");
  list_softmax(list, o.softmax, o.samples, {});
  list.flag("tied", o.tied, "Output weights are those of the target's embedding");
  list.choice("measure", o.measure, "What validation goes by");
  list.group("Regularisation");
  list.real("label-smoothing", o.label_smoothing, kShare, "Share of the target that all tokens have");
  list.real("scheduled-sampling", o.scheduled_sampling, kFraction,
            "Share of the decoder's inputs that are its own predictions, from the fifth epoch on");
}

void list_options(OptionList& list, ConditionedOptions& o) {
  list_options(list, o.text);
  list_options(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, kEmbeddingHelp);
  list.group("Network");
  list.count("condition-size", o.condition_size, {1, 1'000'000}, "Width of the labels' embedding");
  list.flag("feed-condition", o.feed_condition, "The label's embedding is also beside every input");
}

void list_options(OptionList& list, LanguageModelOptions& o) {
  list_options(list, static_cast<RecurrentOptions&>(o));
  list_embedding(list, o.embedding, o.embedding_dropout,
                 "Width of the input's embedding; 0: one-hot (word, token, --tied, cell ngram: as --hidden)");
  list_softmax(list, o.softmax, o.samples, {Softmax::full, Softmax::sampled});
  list.flag("tied", o.tied, "Output weights are the embedding's");
}

void list_search(OptionList& list, DecodeOptions& o) {
  list.group(kDecodeGroup);
  list.count("beam", o.beam, {1, 1000}, "Beginnings of an output that are followed at once; 1: greedy");
  list.real("length-penalty", o.length_penalty, kPenalty, "Outputs are compared by log probability / tokens^X");
  list.count("max-output", o.max_output, {0, 1'000'000},
             "Tokens of an output at most; 0: as many as the training data has, and more");
}

void list_options(OptionList& list, DecodeOptions& o) {
  list_search(list, o);
  list.count("n-best", o.n_best, {1, 1000}, "So many outputs a source, lines of number<TAB>score<TAB>output");
  list.flag("scores", o.scores, "Lines of score<TAB>output");
}

}  // namespace recur
