// recur train embed: word vectors from a text.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/show.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/training_command.h"
#include "recur/word_vectors.h"

namespace recur {
namespace {

constexpr const char* kEmbeddingDescription =
    "Train word vectors: words that stand in like places of a text get vectors of like directions\n"
    "\n"
    "Skip-gram or CBOW with negative sampling or hierarchical softmax (word2vec), and with --letters-from 3 n-grams "
    "of\n"
    "letters (fastText), which give words that the text lacks a vector. The text may have any size. Ctrl-C saves and\n"
    "stops; twice stops at once. Several threads train together without waiting for each other: the vectors are as\n"
    "good, but not the same bits each time; --exact gives those.\n"
    "The file's ending says its format; --embeddings of the other tasks reads each.\n"
    "Prints one JSON object on standard output: loss (nats a prediction), words, vocabulary, epochs, seconds,\n"
    "words_per_second, reason, model.";
constexpr const char* kEmbeddingExamples =
    "Examples:\n"
    "  recur train embed --data books.txt --out books.safetensors\n"
    "  recur neighbours books.safetensors whale\n"
    "  recur analogy books.safetensors man king woman\n"
    "  recur train embed --data books.txt --out books.vec --embedding 200 --letters-from 3\n"
    "  recur train classify --data reviews.tsv --embedding 200 --embeddings books.vec";

struct EmbeddingArguments {
  EmbedJob job;
  TrainingFlags flags;
};

void list_all(OptionList& list, EmbeddingArguments& state) {
  list_options(list, state.job);
  list_options(list, state.flags, false);
}

std::string introduction(const EmbedJob& job, const EmbedSummary& s) {
  std::string text = fmt::format("{}, width {}: {} words, {} different", to_string(job.options.method),
                                 job.options.embedding, with_thousands(s.words), with_thousands(s.vocabulary));
  if (s.rare > 0) text += fmt::format(" ({} rarer words are left out)", with_thousands(s.rare));
  if (s.ngrams > 0) text += fmt::format(", {} n-grams of letters", with_thousands(s.ngrams));
  return text + "; " + machine_text() + "\n";
}

void conclude(const EmbedJob& job, const EmbedSummary& summary, const EmbedResult& r, const char* signal) {
  if (r.reason == StopReason::interrupted) say(fmt::format("{}: stopped in epoch {}\n", signal, r.epochs));
  if (r.reason == StopReason::time_limit) say(fmt::format("stopped by --time-limit in epoch {}\n", r.epochs));
  say(fmt::format("{} vectors of width {}, loss {:.4f}, {} words/s; model: {}\n", with_thousands(summary.vocabulary),
                  job.options.embedding, r.loss, with_thousands(static_cast<std::uint64_t>(r.words_per_second)),
                  job.model));
  const nlohmann::ordered_json json = {{"loss", r.loss},
                                       {"words", r.words},
                                       {"vocabulary", summary.vocabulary},
                                       {"epochs", r.epochs},
                                       {"seconds", r.seconds},
                                       {"words_per_second", r.words_per_second},
                                       {"reason", to_string(r.reason)},
                                       {"model", job.model}};
  write_out(json.dump() + "\n");
}

int train(EmbeddingArguments& state, const Given& given) {
  const EmbedJob& job = state.job;
  if (job.data.empty()) throw Misuse("--data FILE is required");
  OptionList list;
  list_options(list, state.job);
  list.check_needs([&](std::string_view name) { return given.has_own(name); });
  check_outputs(job.model, state.flags.log, files_read(list, state.flags));
  EmbedSummary summary;
  EmbedResult trained;
  TrainingCommand command{"embed", "word", job.model, false, 0, state.flags.log, true, {}};
  command.train = [&](const TrainingHooks& hooks, const TrainingCommand::Begin& begin,
                      const TrainingCommand::Sample& /*sample*/) {
    const auto tell = [&](const EmbedSummary& s) {
      summary = s;
      begin(introduction(job, s));
    };
    WordVectors::train(job, hooks, tell, &trained);
    TrainingResult result;
    result.reason = trained.reason;
    return result;
  };
  command.conclude = [&](const TrainingResult&, const char* signal) { conclude(job, summary, trained, signal); };
  return run_training(command);
}

}  // namespace

Command train_embedding_command() {
  const auto state = std::make_shared<EmbeddingArguments>();
  Command command{"embed", kEmbeddingDescription, kEmbeddingExamples};
  list_all(command.options, *state);
  command.run = [state](const Given& given) { return train(*state, given); };
  return command;
}

}  // namespace recur
