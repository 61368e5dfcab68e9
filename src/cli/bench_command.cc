// recur bench: speed on this machine.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/threads.h"
#include "cli/bench_cases.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "recur/benchmark.h"

namespace recur {
namespace {

constexpr const char* kBenchDescription =
    "Measure how fast this machine trains and runs recurrent networks\n"
    "\n"
    "Prints a line for each measurement: peer, case, threads, metric, value. A case's name begins with its KIND and "
    "holds\n"
    "hidden size H, batch B, steps T, layers L and, of language models, vocabulary V and embedding E. KINDs, all by\n"
    "default:\n"
    "\n"
    "  peak    multiply-adds in registers, by one thread and by all: what the processor can do at best\n"
    "  train   recurrent layers alone, forward and backward\n"
    "  infer   recurrent layers alone, forward\n"
    "  stream  one sequence whose state is carried from call to call, a step a call or 1000; per step\n"
    "  ragged  as train, with sequences of 10 to 100 steps, beside a rectangle of as many tokens\n"
    "  lm      whole training steps of language models: forward, loss, backward, clipping, optimizer\n"
    "\n"
    "Metrics: ms_med and ms_min (milliseconds, of the median and of the fastest run) or us_med and us_min "
    "(microseconds);\n"
    "GF/s_med, and of the peak GF/s_max: billions of operations of matrix products a second, everything else counting\n"
    "as time only; tok/s_med: tokens a second.\n"
    "\n"
    "With any flag of the network or the batch only that network is measured, as lm unless a KIND is given.";

struct BenchArguments {
  std::vector<BenchKind> kinds;
  double seconds = 1;
  LanguageModelOptions network;
  std::size_t vocabulary = 65;
  TrainingOptions training;
};

void print(const std::string& name, std::size_t threads, const char* metric, double value) {
  write_out(fmt::format("recur {} {} {} {:.5g}\n", name, threads, metric, value));
}

// The median and the least.
struct Summary {
  explicit Summary(std::vector<double> times) {
    std::ranges::sort(times);
    median = times[times.size() / 2];
    least = times.front();
  }
  double median, least;
};

void measure_peaks(double seconds) {
  std::vector<std::size_t> threads = {1};
  if (thread_count() > 1) threads.push_back(thread_count());
  for (const std::size_t count : threads) {
    std::vector<double> rates = measure_peak(count, seconds);
    std::ranges::sort(rates);
    print("peak_fma", count, "GF/s_med", rates[rates.size() / 2] * 1e-9);
    print("peak_fma", count, "GF/s_max", rates.back() * 1e-9);
  }
}

void measure(BenchKind kind, const RecurrentCase& c, double seconds) {
  const std::size_t threads = thread_count();
  if (kind == BenchKind::stream) {
    const Summary run(time_streaming(c.network, c.steps.length(), seconds));
    const double scale = 1e6 / static_cast<double>(c.steps.length());
    print(c.name, threads, "us_med", run.median * scale);
    print(c.name, threads, "us_min", run.least * scale);
    return;
  }
  const bool forward_only = kind == BenchKind::infer;
  const Summary run(forward_only ? time_recurrent_inference(c.network, c.steps, seconds)
                                 : time_recurrent_training(c.network, c.steps, seconds));
  const double operations =
      recurrent_product_operations(c.network) * static_cast<double>(c.steps.total()) * (forward_only ? 1 : 3);
  print(c.name, threads, "ms_med", run.median * 1e3);
  print(c.name, threads, "ms_min", run.least * 1e3);
  print(c.name, threads, "GF/s_med", operations / run.median * 1e-9);
}

void measure(const LanguageModelCase& c, double seconds) {
  const Summary step(time_language_model_steps(c.network, c.vocabulary, c.training, seconds));
  const auto tokens = static_cast<double>(c.training.batch * c.training.unroll);
  const double operations = product_operations(c.network, c.vocabulary) * tokens;
  print(c.name, thread_count(), "tok/s_med", tokens / step.median);
  print(c.name, thread_count(), "ms_med", step.median * 1e3);
  print(c.name, thread_count(), "ms_min", step.least * 1e3);
  print(c.name, thread_count(), "GF/s_med", operations / step.median * 1e-9);
}

void measure(BenchKind kind, bool own, const BenchArguments& options) {
  const TrainingOptions& training = options.training;
  if (kind == BenchKind::peak) {
    measure_peaks(options.seconds);
  } else if (kind == BenchKind::lm) {
    for (const LanguageModelCase& c :
         own ? std::vector{language_model_case(options.network.cell, options.network, options.vocabulary, training)}
             : language_model_cases()) {
      measure(c, options.seconds);
    }
  } else {
    for (const RecurrentCase& c :
         own ? recurrent_cases(kind, options.network, training.batch, training.unroll) : recurrent_cases(kind)) {
      measure(kind, c, options.seconds);
    }
  }
}

}  // namespace

Command bench_command() {
  const auto options = std::make_shared<BenchArguments>();
  Command command{"bench", kBenchDescription,
                  "Examples:\n"
                  "  recur bench peak train --threads 2\n"
                  "  recur bench --cell gru --layers 3 --layer-norm\n"
                  "  recur bench infer stream --cell sru --hidden 256"};
  OptionList of_case;  // a network of one's own
  list_options(of_case, static_cast<RecurrentOptions&>(options->network));
  of_case.group("Network");
  of_case.count("embedding", options->network.embedding, {0, 1'000'000},
                "Width of the input's embedding; 0: one-hot; of lm");
  of_case.count("vocabulary", options->vocabulary, {1, 10'000'000}, "Tokens; of lm");
  of_case.group("Batch");
  of_case.count("batch", options->training.batch, {1, 1'000'000}, "Streams side by side");
  of_case.count("unroll", options->training.unroll, {1, 1'000'000}, "Steps of a window");
  OptionList& list = command.options;
  list = of_case;
  list.group("");
  list.choices("KIND", options->kinds, "What to measure").argument = true;
  list.group("Running");
  list.real("seconds", options->seconds, kNotNegative, "How long each case is measured");
  list_threads(list);
  command.run = [options, of_case](const Given& given) {
    const bool own = given.has_any(of_case);
    std::vector<BenchKind> kinds = options->kinds;
    if (kinds.empty() && own) kinds = {BenchKind::lm};
    if (kinds.empty()) kinds = all_choices<BenchKind>();
    for (const BenchKind kind : kinds) measure(kind, own, *options);
    return kDone;
  };
  return command;
}

}  // namespace recur
