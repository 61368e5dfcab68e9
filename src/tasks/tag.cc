// The task tag: many to many, of equal length.
#include <algorithm>

#include "recur/cell.h"
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {
namespace {

constexpr const char* kNoLetters = "none";

void list_letters(OptionList& list, TagOptions& o) {
  list.group("Letters");
  list.text("letter-cell", o.letter_cell, "NAME",
            "Cell that reads each word's letters: any, or none to read words only", [](const std::string& name) {
              const bool known =
                  std::ranges::any_of(all_cells(), [&](const CellInfo* cell) { return cell->name == name; });
              if (name == kNoLetters || known) return "";
              return "a cell that recur cells lists, or none";
            });
  list.count("letter-hidden", o.letter_hidden, {1, 1'000'000}, "Its units, of each direction");
  list.count("letter-embedding", o.letter_embedding, {0, 1'000'000}, "Width of a letter's embedding; 0: one-hot");
}

}  // namespace

void list_options(OptionList& list, TagOptions& o) {
  list_options(list, o.words);
  list_letters(list, o);
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, "Width of the words' embedding; 0: one-hot, without letters");
  list_vectors(list, o.vectors);
  list.group("Network");
  list.flag("crf", o.crf, "Choose the tags of a sentence together; --crf=false: each for itself");
}

Recipe recipe(const TagOptions& o, InputKind kind) {
  if (kind != InputKind::text) {
    Recipe r{.network = o.network, .head = TagHeadSpec{"tags", "", o.crf}};
    r.fields = {{"sequence", NumbersSpec{}}, {"tags", TagsSpec{}, true}};
    r.input = {NumbersInputSpec{"sequence"}};
    return r;
  }
  Recipe r{.network = o.network, .head = TagHeadSpec{"tags", "words", o.crf}};
  r.fields = {{"words", WordsSpec{o.words}}, {"tags", TagsSpec{}, true}};
  r.input = {TokensSpec{"words", o.embedding, o.embedding_dropout, o.vectors}};
  if (o.letter_cell != kNoLetters) {
    r.input.push_back(LettersSpec{"words", o.letter_cell, o.letter_hidden, o.letter_embedding});
  }
  return r;
}

TaskHelp tag_help() {
  return {
      "tag", "word",
      "Train a tagger: it learns to give every word of a sentence a tag\n"
      "\n"
      "The data has a word a line, its first column the word and its last the tag, with blanks or tabs between, and\n"
      "an empty line between sentences; CoNLL-U too. Where tags mark chunks (B-NP, I-NP, O, ..), validation goes by\n"
      "their F1, else by accuracy. Prints one JSON object on standard output: best_loss (nats a word), best_f1 or\n"
      "best_accuracy, epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train tag --data chunks.conll --out chunks.safetensors\n"
      "  recur train tag --data english.conllu --columns words=FORM,tags=XPOS\n"
      "  recur train tag --data speech.conll --crf=false --letter-cell tdnn --embeddings glove.100d.txt\n"
      "  recur predict chunks.safetensors --data new.conll"};
}

}  // namespace recur
