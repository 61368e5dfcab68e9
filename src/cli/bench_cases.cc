#include "cli/bench_cases.h"

#include <fmt/format.h>

#include <algorithm>

namespace recur {
namespace {

struct TimedCell {
  const char* name;  // in the case's name
  const char* cell;
};
constexpr std::array kCells = {TimedCell{"rnn", "elman"}, TimedCell{"lstm", "lstm"}, TimedCell{"gru", "gru"}};

struct Shape {
  std::size_t hidden, batch, steps, layers;
};
constexpr std::array kGrid = {Shape{128, 32, 50, 1}, Shape{256, 64, 64, 2}, Shape{512, 64, 64, 2},
                              Shape{1024, 64, 64, 1}, Shape{64, 256, 100, 1}};

RecurrentOptions plain_network(const char* cell, std::size_t hidden, std::size_t layers) {
  RecurrentOptions network;
  network.cell = cell;
  network.hidden = hidden;
  network.layers = layers;
  return network;
}

RecurrentCase rectangle(std::string_view kind, std::string_view cell, const RecurrentOptions& network,
                        std::size_t batch, std::size_t steps) {
  return {fmt::format("{}_{}_H{}_B{}_T{}_L{}", kind, cell, network.hidden, batch, steps, network.layers), network,
          Steps::rectangle(batch, steps)};
}

void add_ragged(const RecurrentOptions& network, std::size_t batch, std::size_t longest,
                std::vector<RecurrentCase>& cases) {
  const std::size_t shortest = std::max<std::size_t>(longest / 10, 1);
  const std::string shape = fmt::format("{}_H{}_B{}_L{}", network.cell, network.hidden, batch, network.layers);
  cases.push_back({"ragged_" + shape, network, Steps::from_lengths(even_lengths(batch, shortest, longest))});
  cases.push_back({"rectangle_" + shape, network, Steps::rectangle(batch, (shortest + longest) / 2)});
}

std::vector<RecurrentCase> grid_cases(BenchKind kind) {
  std::vector<RecurrentCase> cases;
  for (const Shape& s : kGrid) {
    for (const TimedCell& c : kCells) {
      cases.push_back(rectangle(to_string(kind), c.name, plain_network(c.cell, s.hidden, s.layers), s.batch, s.steps));
    }
  }
  return cases;
}

std::vector<RecurrentCase> streaming_cases() {
  std::vector<RecurrentCase> cases;
  for (const char* cell : {"lstm", "gru"}) {
    for (const std::size_t layers : {1U, 2U}) {
      for (const std::size_t hidden : {32U, 64U, 128U, 256U, 512U, 1024U}) {
        const RecurrentOptions network = plain_network(cell, hidden, layers);
        cases.push_back(rectangle("stream", cell, network, 1, 1));
        if (layers == 1) cases.push_back(rectangle("stream", cell, network, 1, 1000));
      }
    }
  }
  return cases;
}

}  // namespace

std::vector<RecurrentCase> recurrent_cases(BenchKind kind) {
  if (kind == BenchKind::stream) return streaming_cases();
  if (kind != BenchKind::ragged) return grid_cases(kind);
  std::vector<RecurrentCase> cases;
  for (const std::size_t hidden : {128U, 256U}) add_ragged(plain_network("lstm", hidden, 1), 64, 100, cases);
  return cases;
}

std::vector<RecurrentCase> recurrent_cases(BenchKind kind, const RecurrentOptions& network, std::size_t batch,
                                           std::size_t unroll) {
  if (kind == BenchKind::stream) return {rectangle("stream", network.cell, network, 1, 1)};
  if (kind != BenchKind::ragged) return {rectangle(to_string(kind), network.cell, network, batch, unroll)};
  std::vector<RecurrentCase> cases;
  add_ragged(network, batch, unroll, cases);
  return cases;
}

std::vector<std::size_t> even_lengths(std::size_t count, std::size_t shortest, std::size_t longest) {
  std::vector<std::size_t> lengths(count, longest);
  for (std::size_t i = 1; i < count; ++i) {
    // Rounded to the nearest.
    lengths[i] = longest - ((longest - shortest) * i * 2 + (count - 1)) / (2 * (count - 1));
  }
  return lengths;
}

LanguageModelCase language_model_case(std::string_view kind, const LanguageModelOptions& network,
                                      std::size_t vocabulary, const TrainingOptions& training) {
  const bool adam = training.optimizer.kind == OptimizerKind::adam;
  return {fmt::format("lm_{}_V{}_E{}_H{}_L{}_B{}_T{}_{}", kind, vocabulary,
                      network.embedding == 0 ? vocabulary : network.embedding, network.hidden, network.layers,
                      training.batch, training.unroll, adam ? "adam" : "sgd"),
          network, vocabulary, training};
}

std::vector<LanguageModelCase> language_model_cases() {
  struct Row {
    const char* kind;
    std::size_t vocabulary, embedding, hidden, batch, unroll;
    OptimizerKind optimizer;
    float dropout;
  };
  constexpr std::array kRows = {
      Row{"char-onehot", 65, 0, 128, 50, 50, OptimizerKind::adam, 0},
      Row{"char-emb", 65, 128, 128, 50, 50, OptimizerKind::adam, 0},
      Row{"char-onehot", 65, 0, 512, 50, 50, OptimizerKind::adam, 0},
      Row{"char-emb", 65, 512, 512, 50, 50, OptimizerKind::adam, 0},
      Row{"ptb-small", 10000, 200, 200, 20, 35, OptimizerKind::sgd, 0},
      Row{"ptb-medium", 10000, 650, 650, 20, 35, OptimizerKind::sgd, 0.5F},
  };
  std::vector<LanguageModelCase> cases;
  for (const Row& row : kRows) {
    LanguageModelOptions network;
    network.hidden = row.hidden;
    network.embedding = row.embedding;
    network.dropout = row.dropout;
    TrainingOptions training;
    training.batch = row.batch;
    training.unroll = row.unroll;
    training.optimizer.kind = row.optimizer;
    training.schedule.learning_rate = row.optimizer == OptimizerKind::adam ? 2e-3F : 1.0F;
    cases.push_back(language_model_case(row.kind, network, row.vocabulary, training));
  }
  return cases;
}

}  // namespace recur
