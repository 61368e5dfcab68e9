// The options of include/recur/types/embedding.h.
#include "recur/types/embedding.h"

namespace recur {

void list_options(OptionList& list, EmbedOptions& o) {
  list.group("Vectors");
  list.choice("method", o.method, "Words of a window predict the one in its middle, each alone or all together");
  list.choice("loss", o.loss, "How a word is predicted: told from words that are drawn, or found in a tree");
  list.count("embedding", o.embedding, {1, 100'000}, "Width of a vector");
  list.count("window", o.window, {1, 1000}, "Words on either side at most");
  list.count("negatives", o.negatives, {1, 1000}, "negative: words that are drawn for each that is predicted");
  list.need("negatives", {"loss", {std::string(to_string(EmbedOptions().loss))}});
  list.real("subsample", o.subsample, kNotNegative,
            "Words that are a larger share of the text are left out in part; 0: none");
  list.count("letters-from", o.letters_from, {0, 100},
             "Make vectors of those of n-grams of so many letters, too; 0: not");
  list.count("letters-to", o.letters_to, {0, 100}, "N-grams of so many letters at most");
  list.need("letters-to", {.name = "letters-from", .least = 1});
  list.group("Text");
  list.choice("tokenizer", o.tokenizer, "What is a word", {TokenizerKind::word, TokenizerKind::token});
  list_options(list, o.words);
  list.group("How long");
  list.count("epochs", o.epochs, {1, 1'000'000}, "Passes over the text");
  list.seconds("time-limit", o.time_limit, "Train for so long at most: 90, 90s, 10m or 2h; 0: no limit");
  list.group("Learning rate");
  list.real("lr", o.learning_rate, kPositive, "The learning rate at the start; it falls to 0");
  list.group("Start");
  list.count("seed", o.seed, {}, "Of all random numbers");
  list.group("Running");
  list.flag("exact", o.exact, "Train on one thread: the same bits each time");
}

}  // namespace recur
