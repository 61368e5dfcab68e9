// The task language model: one endless text.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, LanguageModelOptions& o) {
  list.group("Tokens");
  list.choice("tokenizer", o.tokenizer, "What is predicted");
  list_options(list, o.words);
  list_subwords(list, o.subwords);
  list_options(list, static_cast<RecurrentOptions&>(o));
  list_embedding(list, o.embedding, o.embedding_dropout,
                 "Width of the input's embedding; 0: one-hot (word, token, subword, --tied, cell ngram: as --hidden)");
  list_softmax(list, o.softmax, o.samples, {Softmax::full, Softmax::sampled});
  list.flag("tied", o.tied, "Output weights are the embedding's");
}

Recipe recipe(const LanguageModelOptions& o) {
  Recipe r{.network = o, .head = NextTokenSpec{"text", o.tied, o.softmax, o.samples}};
  r.fields = {{"text", EndlessTextSpec{{o.tokenizer, o.words, o.subwords}}}};
  r.input = {TokensSpec{"text", o.embedding, o.embedding_dropout}};
  return r;
}

// `recur train lm` says what it does.
TaskHelp language_help() { return {.name = "language model", .unit = "token", .command = "lm"}; }

}  // namespace recur
