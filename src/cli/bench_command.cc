// recur bench: speed on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/threads.h"
#include "cli/commands.h"
#include "cli/flags.h"
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
    "Metrics: tok/s_med (tokens a second in the median step), ms_med and ms_min (milliseconds of a step).";

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
};

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
  std::vector<double> times = time_language_model_steps(network, c.vocabulary, training, seconds);
  std::ranges::sort(times);
  const double median = times[times.size() / 2];
  const std::string name = fmt::format("lm_{}_V{}_E{}_H{}_L{}_B{}_T{}_{}", c.name, c.vocabulary,
                                       c.embedding == 0 ? c.vocabulary : c.embedding, c.hidden, c.layers, c.batch,
                                       c.unroll, adam ? "adam" : "sgd");
  const auto print = [&](const char* metric, double value) {
    write_out(fmt::format("recur {} {} {} {:.5g}\n", name, thread_count(), metric, value));
  };
  print("tok/s_med", static_cast<double>(c.batch * c.unroll) / median);
  print("ms_med", median * 1e3);
  print("ms_min", times.front() * 1e3);
}

}  // namespace

Command add_bench(CLI::App& program) {
  CLI::App* parser = program.add_subcommand("bench", kDescription)->footer("Example:\n  recur bench --threads 2");
  const auto options = std::make_shared<Options>();
  add_real(*parser, "--seconds", options->seconds, kNotNegative, "How long each case is measured")->group("Running");
  add_threads(*parser);
  const auto run = [options] {
    for (const Case& c : kCases) measure(c, options->seconds);
    return kDone;
  };
  return {parser, run};
}

}  // namespace recur
