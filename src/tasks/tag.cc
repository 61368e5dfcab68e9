// The task tag: many to many, of equal length.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "recur/types/cell.h"
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
  for (const char* name : {"letter-hidden", "letter-embedding"})
    list.need(name, {.name = "letter-cell", .but = kNoLetters});
}

void list_features(OptionList& list, TagOptions& o) {
  list.group("Columns");
  list.count("features", o.features, {0, 100},
             "So many columns behind the word are read, too, such as its part of speech");
  list.count("feature-embedding", o.feature_embedding, {1, 1'000'000}, "Width of the embedding of each of these");
  list.need("feature-embedding", {"features"});
}

void list_tags(OptionList& list, TagOptions& o) {
  list.group("Output");
  list.flag("crf", o.crf, "Choose the tags of a sentence together; --crf=false: each for itself");
  list.choice("scheme", o.scheme, "Of tags that mark chunks: those of the data are made into it");
  list.flag("constrain", o.constrain, "Choose such tags only in orders that their scheme allows");
}

}  // namespace

void list_options(OptionList& list, TagOptions& o) {
  list_options(list, o.words);
  list_letters(list, o);
  list_features(list, o);
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, "Width of the words' embedding; 0: one-hot, without letters");
  list_vectors(list, o.vectors);
  list.flag("all-vectors", o.all_vectors, "Know all words that --embeddings has, whether the data has them or not");
  list_tags(list, o);
}

Recipe recipe(const TagOptions& o, InputKind kind) {
  if (o.all_vectors && o.vectors.empty()) fail("--all-vectors: of a file of word vectors; give --embeddings FILE");
  const bool words = kind == InputKind::text;
  Recipe r{.network = o.network, .head = TagHeadSpec{"tags", words ? "words" : "", o.crf, o.constrain}};
  const FieldSpec tags{"tags", TagsSpec{o.scheme}, true};
  if (!words) {
    r.fields = {{"sequence", NumbersSpec{}}, tags};
    r.input = {NumbersInputSpec{"sequence"}};
    return r;
  }
  r.fields = {{"words", WordsSpec{.words = o.words, .vectors = o.all_vectors ? o.vectors : ""}}, tags};
  r.input = {TokensSpec{"words", o.embedding, o.embedding_dropout, o.vectors}};
  if (o.letter_cell != kNoLetters) {
    r.input.push_back(LettersSpec{"words", o.letter_cell, o.letter_hidden, o.letter_embedding});
  }
  for (std::size_t i = 0; i < o.features; ++i) {
    const FieldSpec column{fmt::format("feature{}", i + 1), WordFeatureSpec{{.min_count = o.words.min_count}}, false,
                           true};
    r.fields.insert(r.fields.end() - 1, column);  // they stand before the tags
    r.input.push_back(FeatureInputSpec{column.name, o.feature_embedding});
  }
  return r;
}

TaskHelp tag_help() {
  return {
      "tag", "word",
      "Train a tagger: it learns to give every word of a sentence a tag\n"
      "\n"
      "The data has a word a line, its first column the word and its last the tag, with blanks or tabs between, and\n"
      "an empty line between sentences; CoNLL-U too. With --features N the N columns behind the word are read, too.\n"
      "Where tags mark chunks (B-NP, I-NP, O, ..), validation goes by their F1, else by accuracy. Prints one JSON "
      "object on standard output: best_loss (nats a word), best_f1 or\n"
      "best_accuracy, epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train tag --data chunks.conll --out chunks.safetensors\n"
      "  recur train tag --data english.conllu --columns words=FORM,tags=XPOS\n"
      "  recur train tag --data names.conll --features 1 --scheme bioes --constrain\n"
      "  recur train tag --data speech.conll --crf=false --letter-cell tdnn --embeddings glove.100d.txt\n"
      "  recur predict chunks.safetensors --data new.conll"};
}

}  // namespace recur
