// recur train tag: a tag for each word of a sentence.
#include <memory>

#include "cli/flags.h"
#include "cli/network_flags.h"
#include "cli/train_records.h"
#include "recur/cell.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Train a tagger: it learns to give every word of a sentence a tag\n"
    "\n"
    "The data has a word a line, its first column the word and its last the tag, with blanks or tabs between, and an\n"
    "empty line between sentences. Where tags mark chunks (B-NP, I-NP, O, ..), validation goes by their F1, else by\n"
    "accuracy. Prints one JSON object on standard output: best_loss (nats a word), best_f1 or best_accuracy, epoch,\n"
    "steps, seconds, reason, model.";
constexpr const char* kExamples =
    "Examples:\n"
    "  recur train tag --data chunks.conll --out chunks.safetensors\n"
    "  recur train tag --data speech.conll --crf=false --letter-cell tdnn --embeddings glove.100d.txt\n"
    "  recur predict chunks.safetensors --data new.conll";

void add_letter_flags(CLI::App& parser, TagOptions& o) {
  constexpr const char* kGroup = "Letters";
  const auto set_cell = [&o](const std::string& name) {
    if (name != "none") find_cell(name);
    o.letter_cell = name;
  };
  add_flag_with_value(parser, "--letter-cell", "NAME",
                      "Cell that reads each word's letters: any, or none to read words only", set_cell, o.letter_cell)
      ->group(kGroup);
  add_count(parser, "--letter-hidden", o.letter_hidden, 1, "Its units, of each direction", 1'000'000)->group(kGroup);
  add_count(parser, "--letter-embedding", o.letter_embedding, 0, "Width of a letter's embedding; 0: one-hot", 1'000'000)
      ->group(kGroup);
}

}  // namespace

Command add_train_tag(CLI::App& train) {
  CLI::App* parser = train.add_subcommand("tag", kDescription)->footer(kExamples);
  const auto command = std::make_shared<TrainRecords>(
      *parser, TagOptions(), "word", "A word and its tag a line, an empty line between sentences; - is standard input");
  TagOptions& o = std::get<TagOptions>(command->job().task);
  constexpr const char* kTokens = "Tokens";
  add_count(*parser, "--min-count", o.words.min_count, 0, "Rarer words become <unk>")->group(kTokens);
  add_count(*parser, "--max-vocab", o.words.max_vocab, 0, "Keep so many words, the most frequent; 0: all")
      ->group(kTokens);
  add_switch(*parser, "--lowercase", o.words.lowercase, "Look words up in lower case; letters stay as they are")
      ->group(kTokens);
  add_letter_flags(*parser, o);
  add_recurrent_flags(*parser, o.network);
  add_bidirectional_flag(*parser, o.network);
  add_embedding_flags(*parser, o.embedding, o.embedding_dropout, o.vectors);
  add_switch(*parser, "--crf", o.crf, "Choose the tags of a sentence together; --crf=false: each for itself")
      ->group("Network");
  return {parser, [command] { return command->run(); }};
}

}  // namespace recur
