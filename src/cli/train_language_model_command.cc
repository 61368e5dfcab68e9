// recur train lm: a language model from a text file.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/flags.h"
#include "cli/network_flags.h"
#include "cli/terminal.h"
#include "cli/train_conditioned.h"
#include "cli/training_command.h"
#include "cli/training_flags.h"
#include "data/tokenizer.h"
#include "recur/language_model.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Train a language model on a text: it learns to predict the next character, byte or word.\n"
    "With --conditioned the data are lines of label<TAB>text, and it learns to write whole texts for a label; then\n"
    "--tokenizer is char, word, token or subword, and the standard is --hidden 256 --embedding 64 --dropout 0.2\n"
    "--lr 0.001 --clip 1.\n"
    "\n"
    "The defaults are good: give the text and wait. The best model so far is in --out; a checkpoint beside it\n"
    "(x.safetensors: x.last.safetensors) lets --resume go on. Ctrl-C saves and stops; twice stops at once.\n"
    "Prints one JSON object on standard output: best_loss (nats a token), epoch, steps, seconds, reason, model.";
constexpr const char* kExamples =
    "Examples:\n"
    "  recur train lm --data book.txt\n"
    "  recur train lm --data book.txt --out book.safetensors --hidden 512 --dropout 0.3 --time-limit 2h\n"
    "  recur train lm --data ptb.train.txt --valid ptb.valid.txt --tokenizer word --optimizer sgd --lr 1 \\\n"
    "      --schedule step --lr-decay 0.5 --lr-decay-after 4 --epochs 13 --batch 20 --unroll 20 --hidden 200\n"
    "  recur train lm --resume --out book.safetensors --epochs 20\n"
    "  recur train lm --conditioned --data tunes.tsv --out tunes.safetensors";

class TrainLanguageModel {
 public:
  explicit TrainLanguageModel(CLI::App& parser) : parser_(parser) {
    add_training_files(parser, files_, job_.data, "The text; - is standard input", job_.validation,
                       "Text for validation [the last 5 % of --data]", job_.model, job_.resume);
    add_token_flags();
    add_network_flags();
    add_training_flags(parser, job_.training);
    add_count(parser, "--unroll", job_.training.unroll, 1, "Steps that gradients flow back through", 1'000'000)
        ->group("Batches and gradients");
    conditioned_.emplace(parser);
    add_threads(parser);
  }

  int run() {
    if (!files_.config.empty()) apply_config(parser_, files_.config);
    if (conditioned_->is_meant(job_.model, job_.resume)) return conditioned_->run();
    complete_job();
    return train();
  }

 private:
  void add_token_flags() {
    constexpr const char* kTokens = "Tokens";
    constexpr TokenizerKind kKinds[] = {TokenizerKind::byte, TokenizerKind::character, TokenizerKind::word,
                                        TokenizerKind::token, TokenizerKind::subword};
    add_choice(parser_, "--tokenizer", job_.tokenizer, kKinds, "What is predicted; subword only with --conditioned")
        ->group(kTokens);
    add_count(parser_, "--min-count", job_.words.min_count, 0, "word, token: rarer words become <unk>")->group(kTokens);
    add_count(parser_, "--max-vocab", job_.words.max_vocab, 0, "word, token: keep so many, the most frequent; 0: all")
        ->group(kTokens);
    add_switch(parser_, "--lowercase", job_.words.lowercase, "char, word, token: read the text in lower case")
        ->group(kTokens);
  }

  void add_network_flags() {
    LanguageModelOptions& o = job_.network;
    add_recurrent_flags(parser_, o);
    add_count(parser_, "--embedding", o.embedding, 0,
              "Width of the input's embedding; 0: one-hot (word, token, --tied, cell ngram: as --hidden)", 1'000'000)
        ->group("Network");
    add_switch(parser_, "--tied", o.tied, "Output weights are the embedding's")->group("Network");
    constexpr Softmax kSoftmaxes[] = {Softmax::full, Softmax::sampled};
    add_choice(parser_, "--softmax", o.softmax, kSoftmaxes, "Over the vocabulary; sampled trains large ones faster")
        ->group("Network");
    add_count(parser_, "--samples", o.samples, 1, "sampled: tokens that are drawn for each batch", 10'000'000)
        ->group("Network");
    add_real(parser_, "--embedding-dropout", o.embedding_dropout, kShare, "Of whole rows of the embedding")
        ->group("Regularisation");
  }

  // Defaults that depend on other flags; a resumed job's come from its checkpoint, under the flags that were given.
  void complete_job() {
    if (job_.resume) {
      job_ = read_job(job_.model);
      apply_given_flags(parser_);
    } else if (job_.data.empty()) {
      throw CLI::RequiredError("--data FILE");
    } else {
      complete_network();
    }
    if (job_.tokenizer == TokenizerKind::subword) {
      refuse("--tokenizer", "one of byte, char, word, token without --conditioned", "subword");
    }
    check_outputs(job_.model, files_.log, {job_.data, job_.validation});
  }

  // The n-gram model is one layer over embeddings.
  void complete_network() {
    LanguageModelOptions& o = job_.network;
    const bool ngram = o.cell == "ngram";
    if (ngram && parser_.count("--layers") == 0) o.layers = 1;
    if (parser_.count("--embedding") > 0) return;
    if (has_words(job_.tokenizer) || o.tied || ngram) {
      o.embedding = o.tied && o.projection > 0 ? o.projection : o.hidden;
    }
  }

  int train() {
    TrainingCommand command{"lm", unit(), job_.model, job_.resume, job_.training.patience, files_.log, {}};
    command.train = [this](const TrainingHooks& hooks, const TrainingCommand::Begin& begin) {
      TrainingResult result;
      LanguageModel::train(
          job_, hooks, [&](const LanguageModelSummary& s) { begin(introduction(s)); }, &result);
      return result;
    };
    return run_training(command);
  }

  std::string unit() const {
    return job_.tokenizer == TokenizerKind::character ? "character" : std::string(to_string(job_.tokenizer));
  }

  std::string introduction(const LanguageModelSummary& s) const {
    const LanguageModelOptions& o = job_.network;
    const std::string input =
        o.embedding == 0 ? "one-hot" : fmt::format("embedding {}{}", o.embedding, o.tied ? ", tied" : "");
    const std::string unseen =
        s.unseen == 0 ? ""
                      : fmt::format("recur: {}: {} {}s do not occur in the training text and are left out\n",
                                    job_.validation, with_thousands(s.unseen), unit());
    return fmt::format("{} {} x {}, {}: {} parameters; {} {}s, vocabulary {}; {} held out; {}\n", o.cell, o.layers,
                       o.hidden, input, with_thousands(s.parameters), with_thousands(s.training_tokens), unit(),
                       with_thousands(s.vocabulary), with_thousands(s.validation_tokens), machine_text()) +
           unseen;
  }

  CLI::App& parser_;
  LanguageModelJob job_;
  TrainingFiles files_;
  std::optional<TrainConditioned> conditioned_;
};

}  // namespace

Command add_train_language_model(CLI::App& train) {
  CLI::App* parser = train.add_subcommand("lm", kDescription)->footer(kExamples);
  const auto command = std::make_shared<TrainLanguageModel>(*parser);
  return {parser, [command] { return command->run(); }};
}

}  // namespace recur
