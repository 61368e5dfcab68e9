// recur train lm: a language model from a text file.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/threads.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/flags.h"
#include "cli/metrics_log.h"
#include "cli/network_flags.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "cli/training_flags.h"
#include "data/tokenizer.h"
#include "recur/language_model.h"
#include "recur/simd.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Train a language model on a text: it learns to predict the next character, byte or word.\n"
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
    "  recur train lm --resume --out book.safetensors --epochs 20";

class TrainLanguageModel {
 public:
  explicit TrainLanguageModel(CLI::App& parser) : parser_(parser) {
    add_text_flags();
    add_network_flags();
    add_training_flags(parser, job_.training);
    add_threads(parser);
    add_text(parser, "--log", "FILE", log_, "Write a line of JSON for every report")->group("Running");
  }

  int run() {
    if (!config_.empty()) apply_config(parser_, config_);
    complete_job();
    return train();
  }

 private:
  void add_text_flags() {
    constexpr const char* kFiles = "Files";
    add_text(parser_, "--data", "FILE", job_.data, "The text; - is standard input")->group(kFiles);
    add_text(parser_, "--valid", "FILE", job_.validation, "Text for validation [the last 5 % of --data]")
        ->group(kFiles);
    add_text(parser_, "--out", "MODEL", job_.model, "The model file")->group(kFiles);
    add_text(parser_, "--config", "FILE", config_, "Read flags from a TOML or INI file: hidden = 256")
        ->configurable(false)
        ->group(kFiles);
    add_switch(parser_, "--resume", job_.resume,
               "Go on from the checkpoint of --out, with the options it was begun with")
        ->group(kFiles);

    constexpr const char* kTokens = "Tokens";
    constexpr TokenizerKind kKinds[] = {TokenizerKind::byte, TokenizerKind::character, TokenizerKind::word};
    add_choice(parser_, "--tokenizer", job_.tokenizer, kKinds, "What is predicted")->group(kTokens);
    add_count(parser_, "--min-count", job_.words.min_count, 0, "word: rarer words become <unk>")->group(kTokens);
    add_count(parser_, "--max-vocab", job_.words.max_vocab, 0, "word: keep so many, the most frequent; 0: all")
        ->group(kTokens);
  }

  void add_network_flags() {
    LanguageModelOptions& o = job_.network;
    add_recurrent_flags(parser_, o);
    add_count(parser_, "--embedding", o.embedding, 0,
              "Width of the input's embedding; 0: one-hot (word, --tied, cell ngram: as --hidden)", 1'000'000)
        ->group("Network");
    add_switch(parser_, "--tied", o.tied, "Output weights are the embedding's")->group("Network");
    add_real(parser_, "--embedding-dropout", o.embedding_dropout, kShare, "Of whole rows of the embedding")
        ->group("Regularisation");
  }

  // Defaults that depend on other flags; a resumed job's come from its checkpoint, under the flags that were given.
  void complete_job() {
    if (job_.resume) {
      job_ = read_job(job_.model);
      for (CLI::Option* option : parser_.get_options()) {
        if (option->count() > 0) option->run_callback();
      }
    } else if (job_.data.empty()) {
      throw CLI::RequiredError("--data FILE");
    } else {
      complete_network();
    }
    for (const std::string* input : {&job_.data, &job_.validation}) {
      check_other_file("--out", job_.model, *input);
      check_other_file("--out", checkpoint_path(job_.model), *input);
      if (!log_.empty()) check_other_file("--log", log_, *input);
    }
  }

  // The n-gram model is one layer over embeddings.
  void complete_network() {
    LanguageModelOptions& o = job_.network;
    const bool ngram = o.cell == "ngram";
    if (ngram && parser_.count("--layers") == 0) o.layers = 1;
    if (parser_.count("--embedding") > 0) return;
    if (job_.tokenizer == TokenizerKind::word || o.tied || ngram) {
      o.embedding = o.tied && o.projection > 0 ? o.projection : o.hidden;
    }
  }

  static void check_other_file(const char* flag, const std::string& output, const std::string& input) {
    std::error_code ignored;
    if (std::filesystem::equivalent(output, input, ignored)) {
      throw CLI::ValidationError(flag, fmt::format("would write over the text {}; give another name", input));
    }
  }

  int train() {
    std::optional<StopSignals> signals;
    std::optional<MetricsLog> log;
    std::optional<ProgressDisplay> progress;
    bool reported = false;
    TrainingHooks hooks;
    hooks.report = [&](const TrainingReport& report) {
      reported = true;
      if (log) log->write(report);
      progress->report(report);
    };
    hooks.stop_requested = [&] { return signals->received() != 0; };
    const auto begin = [&](const LanguageModelSummary& summary) {
      signals.emplace();
      introduce(summary);
      if (!log_.empty()) log.emplace(log_, job_.resume);
      progress.emplace();
    };
    TrainingResult result;
    LanguageModel::train(job_, hooks, begin, &result);
    progress.reset();
    conclude(result, reported, *signals);
    return result.reason == StopReason::interrupted ? signals->exit_code() : kDone;
  }

  std::string unit() const {
    return job_.tokenizer == TokenizerKind::character ? "character" : std::string(to_string(job_.tokenizer));
  }

  void introduce(const LanguageModelSummary& s) const {
    const LanguageModelOptions& o = job_.network;
    const std::string input =
        o.embedding == 0 ? "one-hot" : fmt::format("embedding {}{}", o.embedding, o.tied ? ", tied" : "");
    say(fmt::format("{} {} x {}, {}: {} parameters; {} {}s, vocabulary {}; {} held out; {} thread{}, {}\n", o.cell,
                    o.layers, o.hidden, input, with_thousands(s.parameters), with_thousands(s.training_tokens), unit(),
                    with_thousands(s.vocabulary), with_thousands(s.validation_tokens), thread_count(),
                    thread_count() == 1 ? "" : "s", simd_name(simd_level())));
    if (s.unseen > 0) {
      complain(fmt::format("{}: {} {}s do not occur in the training text and are left out", job_.validation,
                           with_thousands(s.unseen), unit()));
    }
  }

  std::string resume_command() const {
    return job_.model == LanguageModelJob().model ? "recur train lm --resume"
                                                  : "recur train lm --resume --out " + job_.model;
  }

  void conclude(const TrainingResult& r, bool reported, const StopSignals& signals) const {
    const std::string checkpoint = checkpoint_path(job_.model);
    switch (r.reason) {
      case StopReason::interrupted:
        say(fmt::format("{}: stopped after step {}; the checkpoint is {}; go on with: {}\n", signals.name(), r.steps,
                        checkpoint, resume_command()));
        break;
      case StopReason::time_limit:
        say(fmt::format("stopped by --time-limit after step {}; to go on: {} --time-limit MORE\n", r.steps,
                        resume_command()));
        break;
      case StopReason::patience:
        say(fmt::format("stopped: no better validation loss in {} epochs\n", job_.training.patience));
        break;
      case StopReason::finished:
        if (job_.resume && !reported) say("nothing was left to do; give more --epochs or --steps\n");
        break;
    }
    const bool saved = r.best_epoch > 0 || r.reason != StopReason::interrupted;
    if (r.best_epoch > 0) {
      const Evaluation best{0, 0, r.best_loss};
      say(fmt::format("best validation loss {:.4f} nats a {} ({:.4f} bits, perplexity {:.3f}), epoch {}; model: {}\n",
                      best.nats_per_token, unit(), best.bits_per_token(), best.perplexity(), r.best_epoch, job_.model));
    } else if (saved) {
      say(fmt::format("model, untrained: {}\n", job_.model));
    }
    constexpr const char* kReasons[] = {"finished", "time_limit", "patience", "interrupted"};
    nlohmann::ordered_json json = {{"best_loss", nullptr},
                                   {"epoch", r.best_epoch},
                                   {"steps", r.steps},
                                   {"seconds", r.seconds},
                                   {"reason", kReasons[static_cast<int>(r.reason)]},
                                   {"model", nullptr}};
    if (r.best_epoch > 0) json["best_loss"] = r.best_loss;
    if (saved) json["model"] = job_.model;
    write_out(json.dump() + "\n");
  }

  CLI::App& parser_;
  LanguageModelJob job_;
  std::string config_, log_;
};

}  // namespace

Command add_train_language_model(CLI::App& train) {
  CLI::App* parser = train.add_subcommand("lm", kDescription)->footer(kExamples);
  const auto command = std::make_shared<TrainLanguageModel>(*parser);
  return {parser, [command] { return command->run(); }};
}

}  // namespace recur
