// recur bench: speed on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/threads.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/network_flags.h"
#include "cli/terminal.h"
#include "recur/benchmark.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Measure how fast this machine trains language models\n"
    "\n"
    "Whole training steps: forward, loss, backward, clipping, optimizer. Prints a line for each measurement: peer,\n"
    "case, threads, metric, value. A case's name holds vocabulary V, embedding E, hidden H, layers L, batch B, unroll "
    "T.\n"
    "Metrics: tok/s_med (tokens a second in the median step), ms_med and ms_min (milliseconds of a step), and\n"
    "gflop/s_med: billions of operations of matrix products a second, everything else counting as time only.\n"
    "\n"
    "With any flag of the network or the batch, only that network is measured.";

struct Case {
  const char* name;
  std::size_t vocabulary, embedding, hidden, layers, batch, unroll;
  OptimizerKind optimizer;
  float dropout;
};

constexpr std::array kCases = {
    Case{"char-onehot", 65, 0, 128, 2, 50, 50, OptimizerKind::adam, 0},
    Case{"char-emb", 65, 128, 128, 2, 50, 50, OptimizerKind::adam, 0},
    Case{"char-onehot", 65, 0, 512, 2, 50, 50, OptimizerKind::adam, 0},
    Case{"char-emb", 65, 512, 512, 2, 50, 50, OptimizerKind::adam, 0},
    Case{"ptb-small", 10000, 200, 200, 2, 20, 35, OptimizerKind::sgd, 0},
    Case{"ptb-medium", 10000, 650, 650, 2, 20, 35, OptimizerKind::sgd, 0.5F},
};

struct Options {
  double seconds = 2.5;
  LanguageModelOptions network;
  std::size_t vocabulary = 65;
  TrainingOptions training;
};

void print(const std::string& name, const char* metric, double value) {
  write_out(fmt::format("recur {} {} {} {:.5g}\n", name, thread_count(), metric, value));
}

void measure(const std::string& kind, const LanguageModelOptions& network, std::size_t vocabulary,
             const TrainingOptions& training, double seconds) {
  std::vector<double> times = time_language_model_steps(network, vocabulary, training, seconds);
  std::ranges::sort(times);
  const double median = times[times.size() / 2];
  const bool adam = training.optimizer.kind == OptimizerKind::adam;
  const std::string name = fmt::format("lm_{}_V{}_E{}_H{}_L{}_B{}_T{}_{}", kind, vocabulary,
                                       network.embedding == 0 ? vocabulary : network.embedding, network.hidden,
                                       network.layers, training.batch, training.unroll, adam ? "adam" : "sgd");
  const auto tokens = static_cast<double>(training.batch * training.unroll);
  print(name, "tok/s_med", tokens / median);
  print(name, "ms_med", median * 1e3);
  print(name, "ms_min", times.front() * 1e3);
  print(name, "gflop/s_med", product_operations(network, vocabulary) * tokens / median * 1e-9);
}

void measure(const Case& c, double seconds) {
  const bool adam = c.optimizer == OptimizerKind::adam;
  TrainingOptions training;
  training.batch = c.batch;
  training.unroll = c.unroll;
  training.optimizer.kind = c.optimizer;
  training.schedule.learning_rate = adam ? 2e-3F : 1.0F;
  LanguageModelOptions network;
  network.layers = c.layers;
  network.hidden = c.hidden;
  network.embedding = c.embedding;
  network.dropout = c.dropout;
  measure(c.name, network, c.vocabulary, training, seconds);
}

// The flags that describe a network of one's own.
void add_case_flags(CLI::App& parser, Options& options) {
  add_recurrent_flags(parser, options.network);
  add_count(parser, "--embedding", options.network.embedding, 0, "Width of the input's embedding; 0: one-hot",
            1'000'000)
      ->group("Network");
  add_count(parser, "--vocabulary", options.vocabulary, 1, "Tokens", 10'000'000)->group("Network");
  add_count(parser, "--batch", options.training.batch, 1, "Streams side by side", 1'000'000)->group("Batch");
  add_count(parser, "--unroll", options.training.unroll, 1, "Steps of a window", 1'000'000)->group("Batch");
}

}  // namespace

Command add_bench(CLI::App& program) {
  CLI::App* parser =
      program.add_subcommand("bench", kDescription)
          ->footer("Examples:\n  recur bench --threads 2\n  recur bench --cell gru --layers 3 --layer-norm");
  const auto options = std::make_shared<Options>();
  add_case_flags(*parser, *options);
  const std::vector<CLI::Option*> of_case = parser->get_options();
  add_real(*parser, "--seconds", options->seconds, kNotNegative, "How long each case is measured")->group("Running");
  add_threads(*parser);
  const auto run = [options, of_case] {
    const bool own = std::ranges::any_of(of_case, [](const CLI::Option* option) { return option->count() > 0; });
    if (own) {
      measure(options->network.cell, options->network, options->vocabulary, options->training, options->seconds);
    } else {
      for (const Case& c : kCases) measure(c, options->seconds);
    }
    return kDone;
  };
  return {parser, run};
}

}  // namespace recur
