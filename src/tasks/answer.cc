// The task answer: a question about a text, or the choice among texts that may answer it.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, AnswerOptions& o) {
  list.group("Task");
  list.choice("kind", o.kind,
              "read: the answer to a question about a story; choose: whether a text answers a question");
  list_options(list, o.text);
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, "Width of the embedding that question and text share");
  list_vectors(list, o.vectors);
  list.group("Network");
  list.choice("pooling", o.pooling, "How the outputs over the text become one vector");
  list.flag("match", o.match, "Beside each word of the text: whether the question has it, too; --match=false: not");
  list.group("Batches and gradients");
  list.text("class-weights", o.class_weights, "WEIGHTS",
            "Weights in the loss: balanced, or label=weight with commas between");
}

Recipe recipe(const AnswerOptions& o) {
  const bool choose = o.kind == AnswerKind::choose;
  const char* text = choose ? "answer" : "story";
  const char* label = choose ? "right" : "answer";
  Recipe r{.network = o.network, .head = LabelHeadSpec{label, o.pooling, o.class_weights, choose ? "question" : ""}};
  const CodecOptions codec = codec_of(o.text, AnswerOptions{}.text);
  const FieldSpec question{"question", TextSpec{.codec = codec, .shares = text}, false, true};
  const FieldSpec read{text, TextSpec{codec}};
  r.fields = choose ? std::vector{question, read} : std::vector{read, question};
  r.fields.push_back({label, LabelSpec{choose}, true});
  r.input = {TokensSpec{text, o.embedding, o.embedding_dropout, o.vectors}};
  if (o.match) r.input.push_back(MatchSpec{text, "question"});
  r.condition = ConditionSpec{.field = "question", .size = o.embedding, .feed = true, .network = o.network};
  return r;
}

TaskHelp answer_help() {
  return {"answer", "record",
          "Train a reader that answers questions\n"
          "\n"
          "--kind read: records are JSON, {\"story\": \"..\", \"question\": \"..\", \"answer\": \"..\"}, or have these "
          "columns; the\n"
          "answer is one of those of the training data. --kind choose: question<TAB>answer<TAB>1 or 0, the candidates\n"
          "of a question each a record: it is measured by how they are ranked (MAP, MRR, accuracy at 1).\n"
          "Prints one JSON object on standard output: best_loss (nats a record), best_accuracy or best_map, epoch,\n"
          "steps, seconds, reason, model.",
          "Examples:\n"
          "  recur train answer --data babi.jsonl --out babi.safetensors\n"
          "  recur train answer --kind choose --data wikiqa.tsv --columns question=1,answer=2,right=3\n"
          "  recur predict babi.safetensors --data new.jsonl"};
}

}  // namespace recur
