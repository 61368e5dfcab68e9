// The task regress: a number, or a vector, for a text or a sequence, or for each of its steps.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, RegressOptions& o) {
  list_sequence(list, o);
  list_embedding(list, o.embedding, o.embedding_dropout, kEmbeddingHelp);
  list_vectors(list, o.vectors);
  list.group("Network");
  list.flag("each-step", o.each_step, "Numbers for each step, not for the whole sequence");
  list.choice("pooling", o.pooling, "How a sequence's outputs become one vector");
  list.need("pooling", {.name = "each-step", .but = "true"});
}

Recipe recipe(const RegressOptions& o, InputKind kind) {
  Recipe r{.network = o.network};
  r.head = ValuesSpec{"value", o.each_step ? std::nullopt : std::optional(o.pooling)};
  add_sequence(r, o, kind);
  r.fields.push_back({"value", NumbersSpec{.one_step = !o.each_step, .vectors = !o.each_step}, true});
  return r;
}

TaskHelp regress_help() {
  TaskHelp help{
      "regress", "number",
      "Train a regression: it learns to give a text, a sequence of vectors or a sound a number\n"
      "\n"
      "Records are JSON: {\"sequence\": [[0.5, 1], [0.25, 2]], \"value\": 3.5}, {\"text\": \"..\", \"value\": [[1, "
      "2]]}; with\n"
      "--each-step \"value\" has numbers for each step, and null where nobody knows them. Or text<TAB>value, or\n"
      "another format (--format). Numbers are scaled while they are learned; eval says how far off they are as they\n"
      "stand in the data. Prints one JSON object on standard output: best_loss, epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train regress --data sums.jsonl --out sums.safetensors\n"
      "  recur train regress --data reviews.csv --columns text=review,value=stars\n"
      "  recur train regress --data sensors.jsonl --each-step --bidirectional=false --cell gru\n"
      "  recur predict sums.safetensors --data new.jsonl"};
  help.nats = false;
  return help;
}

}  // namespace recur
