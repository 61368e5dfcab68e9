// The adding problem (Hochreiter & Schmidhuber 1997, in the form of Le, Jaitly & Hinton 2015): a sequence of T random
// numbers from [0, 1), two of which are marked, one in each half; the target is the sum of the two. Always answering 1
// has a mean squared error of 1/6 = 0.167. Every epoch of 100 steps draws fresh sequences; the test is on 1000 that
// stay the same. Afterwards the model, which is in adding.safetensors, runs step by step. Progress goes to stderr, the
// result, a JSON object, to stdout.
// Usage: adding [CELL [T [STEPS [HIDDEN [SEED [LEARNING_RATE [resume]]]]]]]; without arguments, a short run with T
// = 20.
#include <recur/recur.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <random>
#include <string>
#include <vector>

// The task: of a sequence of vectors, one number.
struct Adding {
  recur::RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 32};
};

void list_options(recur::OptionList& list, Adding& o) { list_options(list, o.network); }

recur::Recipe recipe(const Adding& o) {
  return {.fields = {{"sequence", recur::NumbersSpec{}}, {"sum", recur::NumbersSpec{.one_step = true}, true}},
          .input = {recur::NumbersInputSpec{"sequence"}},
          .network = o.network,
          .head = recur::ValuesSpec{.field = "sum", .pooling = recur::Pooling::last}};
}

namespace {

constexpr std::size_t kBatch = 50, kSteps = 100, kTests = 1000;  // steps: of an epoch

double uniform(std::mt19937& random) { return static_cast<double>(random() >> 8) * 0x1p-24; }

std::vector<recur::Record> draw(std::size_t count, std::size_t length, std::mt19937 random) {
  std::vector<recur::Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t half = length / 2;
    const std::size_t first = random() % half, second = half + random() % (length - half);
    recur::Numbers sequence{{}, 2}, sum{{0}, 1};
    for (std::size_t t = 0; t < length; ++t) {
      const bool marked = t == first || t == second;
      const double number = uniform(random);
      if (marked) sum.values.front() += number;
      sequence.values.insert(sequence.values.end(), {number, marked ? 1.0 : 0.0});
    }
    records.push_back({{"sequence", sequence}, {"sum", sum}});
  }
  return records;
}

const recur::Numbers& cell(const recur::Record& record, std::size_t field) {
  return std::get<recur::Numbers>(record[field].cell);
}

double mean_squared_error(const recur::Model& model, const std::vector<recur::Record>& test) {
  const std::vector<recur::Prediction> predictions = model.predict(test);
  double sum = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    const double error =
        std::get<recur::NumbersPrediction>(predictions[i]).numbers.values.front() - cell(test[i], 1).values.front();
    sum += error * error;
  }
  return sum / static_cast<double>(test.size());
}

// What the model says when the numbers come one by one.
float read_step_by_step(const recur::Model& model, const recur::Numbers& sequence) {
  recur::Stream stream = model.stream();
  float sum = 0;
  for (std::size_t t = 0; t < sequence.steps(); ++t) {
    const float step[] = {static_cast<float>(sequence.values[2 * t]), static_cast<float>(sequence.values[2 * t + 1])};
    stream.step(step, {&sum, 1});
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto number = [&](int index, double otherwise) { return argc > index ? std::atof(argv[index]) : otherwise; };
  const auto length = static_cast<std::size_t>(number(2, 20));
  const auto steps = static_cast<std::size_t>(number(3, argc > 1 ? 10000 : 300));
  if (length < 2) throw recur::Error("T: expected at least 2");
  recur::register_task<Adding>({.name = "adding"});

  Adding task;
  if (argc > 1) task.network.cell = argv[1];
  task.network.hidden = static_cast<std::size_t>(number(4, argc > 1 ? 128 : 32));
  const auto seed = static_cast<std::uint32_t>(number(5, 1));
  const std::vector<recur::Record> test = draw(kTests, length, std::mt19937(0));

  recur::Job job;
  job.task = task;
  job.data = "sequences drawn with seed " + std::to_string(seed);
  job.records = [&](std::uint64_t epoch) {
    return draw(kSteps * kBatch, length, std::mt19937(seed + 1000003 * static_cast<std::uint32_t>(epoch + 1)));
  };
  job.validation_records = test;
  job.model = "adding.safetensors";
  job.resume = argc > 7 && argv[7] == std::string("resume");
  job.batch_tokens = 0;
  job.training.batch = kBatch;
  job.training.epochs = (steps + kSteps - 1) / kSteps;
  job.training.steps = steps;
  job.training.seed = seed;
  job.training.clipping.limit = 1;
  job.training.schedule.learning_rate = static_cast<float>(number(6, 1e-3));
  recur::TrainingHooks hooks;
  hooks.report = [&](const recur::TrainingReport& r) {
    if (!r.valid_loss) return;
    std::fprintf(stderr, "%s T %zu step %llu: error of training %.5f, of the test %.5f of the sums' variance\n",
                 task.network.cell.c_str(), length, static_cast<unsigned long long>(r.step), r.train_loss,
                 *r.valid_loss);
  };
  const recur::Model model = recur::Model::train(job, hooks);
  std::printf(
      "{\"cell\": \"%s\", \"length\": %zu, \"hidden\": %zu, \"parameters\": %zu, \"seed\": %u, \"steps\": %zu, "
      "\"mean_squared_error\": %.6f, \"first_sum\": %.4f, \"read_step_by_step\": %.4f}\n",
      task.network.cell.c_str(), length, task.network.hidden, model.parameters(), seed, steps,
      mean_squared_error(model, test), cell(test.front(), 1).values.front(),
      static_cast<double>(read_step_by_step(model, cell(test.front(), 0))));
} catch (const std::exception& error) {
  std::cerr << "adding: " << error.what() << '\n';
  return 1;
}
