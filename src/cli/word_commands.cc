// recur neighbours and recur analogy: what word vectors say of words.
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "recur/word_vectors.h"

namespace recur {
namespace {

struct WordsArguments {
  std::string model;
  std::string words[3];
  std::size_t count = 10;
};

void list_word(OptionList& list, const char* name, std::string& word, const char* help) {
  Option& option = list.text(name, word, "WORD", help);
  option.argument = option.required = true;
}

void list_common(OptionList& list, WordsArguments& options) {
  list.group("");
  list.count("count", options.count, {1, 1'000'000}, "How many words");
  list_threads(list);
}

void write(const std::vector<Neighbour>& neighbours) {
  std::string text;
  for (const Neighbour& n : neighbours) text += fmt::format("{}\t{:.4f}\n", n.word, n.similarity);
  write_out(text);
}

}  // namespace

Command neighbours_command() {
  const auto options = std::make_shared<WordsArguments>();
  Command command{"neighbours",
                  "List the words whose vectors are most similar to a word's\n"
                  "\n"
                  "Lines of word<TAB>similarity, the cosine of the angle between the vectors, the most similar first.\n"
                  "MODEL is a file of word vectors in any format: .safetensors, .vec, .txt or .bin.",
                  "Example:\n  recur neighbours books.safetensors whale"};
  list_model(command.options, options->model);
  list_word(command.options, "WORD", options->words[0], "The word");
  list_common(command.options, *options);
  command.run = [options](const Given&) {
    write(load_vectors(options->model).neighbours(options->words[0], options->count));
    return kDone;
  };
  return command;
}

Command analogy_command() {
  const auto options = std::make_shared<WordsArguments>();
  Command command{"analogy",
                  "Complete an analogy: A is to B as C is to ...\n"
                  "\n"
                  "Lines of word<TAB>similarity: the words whose vectors are most similar to B - A + C.\n"
                  "MODEL is a file of word vectors in any format: .safetensors, .vec, .txt or .bin.",
                  "Example:\n  recur analogy books.safetensors man king woman"};
  list_model(command.options, options->model);
  list_word(command.options, "A", options->words[0], "A word");
  list_word(command.options, "B", options->words[1], "What it goes with");
  list_word(command.options, "C", options->words[2], "The word for which that is wanted");
  list_common(command.options, *options);
  command.run = [options](const Given&) {
    const auto& [a, b, c] = options->words;
    write(load_vectors(options->model).analogy(a, b, c, options->count));
    return kDone;
  };
  return command;
}

}  // namespace recur
