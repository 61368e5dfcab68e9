#include "cli/train_tasks.h"

namespace recur {
namespace {

const TaskHelp kClassify = {
    "classify", ClassifyOptions(), "record",
    "Train a classifier: it learns to give a text, or a sequence of vectors, one of several labels\n"
    "\n"
    "Records are lines of label<TAB>text, or of JSON: {\"label\": \"a\", \"sequence\": [[0.5, 1], [0.25, 2]]}.\n"
    "Validation goes by accuracy. Prints one JSON object on standard output: best_loss (nats a record),\n"
    "best_accuracy, epoch, steps, seconds, reason, model.",
    "Examples:\n"
    "  recur train classify --data questions.tsv --out questions.safetensors\n"
    "  recur train classify --data reviews.tsv --tokenizer token --lowercase --min-count 3 --max-length 400\n"
    "  recur train classify --data reviews.tsv --init-from language.safetensors --freeze-epochs 1\n"
    "  recur predict questions.safetensors --data new.tsv"};

const TaskHelp kTag = {
    "tag", TagOptions(), "word",
    "Train a tagger: it learns to give every word of a sentence a tag\n"
    "\n"
    "The data has a word a line, its first column the word and its last the tag, with blanks or tabs between, and an\n"
    "empty line between sentences. Where tags mark chunks (B-NP, I-NP, O, ..), validation goes by their F1, else by\n"
    "accuracy. Prints one JSON object on standard output: best_loss (nats a word), best_f1 or best_accuracy, epoch,\n"
    "steps, seconds, reason, model.",
    "Examples:\n"
    "  recur train tag --data chunks.conll --out chunks.safetensors\n"
    "  recur train tag --data speech.conll --crf=false --letter-cell tdnn --embeddings glove.100d.txt\n"
    "  recur predict chunks.safetensors --data new.conll"};

const TaskHelp kTranslate = {
    "translate", TranslateOptions(), "token",
    "Train a translator: an encoder reads a source, a decoder writes its target\n"
    "\n"
    "Records are lines of source<TAB>target. Prints one JSON object on standard output: best_loss (nats a token),\n"
    "best_bleu or best_exact (of the most probable tokens one by one; recur eval searches with a beam), epoch, steps,\n"
    "seconds, reason, model.",
    "Examples:\n"
    "  recur train translate --data de-en.tsv --out de-en.safetensors\n"
    "  recur train translate --data sums.tsv --source-tokenizer char --target-tokenizer char --measure exact\n"
    "  recur train translate --data de-en.tsv --attention none --reverse-source --bidirectional=false\n"
    "  recur predict de-en.safetensors --data new.de --beam 5 --alignment-svg first.svg"};

}  // namespace

const std::array<TaskHelp, 3>& task_helps() {
  static const std::array<TaskHelp, 3> helps = {kClassify, kTag, kTranslate};
  return helps;
}

}  // namespace recur
