// The task lm of lines: texts that begin and end.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, LinesOptions& o) {
  list_options(list, o.text);
  list_options(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, kEmbeddingHelp);
  list_softmax(list, o.softmax, o.samples, {Softmax::full, Softmax::sampled});
  list.flag("tied", o.tied, "Output weights are the embedding's");
}

Recipe recipe(const LinesOptions& o) {
  Recipe r{.network = o.network, .head = NextTokenSpec{"text", o.tied, o.softmax, o.samples}};
  r.fields = {{"text", TextSpec{o.text, true}}};
  r.input = {TokensSpec{"text", o.embedding, o.embedding_dropout}};
  return r;
}

// `recur train lm --lines` says what it does.
TaskHelp lines_help() { return {.name = "lm of lines", .unit = "token", .command = "lm"}; }

}  // namespace recur
