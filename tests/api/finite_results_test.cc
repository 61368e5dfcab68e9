// Finite weights whose results are not: each way out of a network throws one clear line.
#include <gtest/gtest.h>

#include <algorithm>

#include "recur/inspect.h"
#include "recur/model.h"
#include "support/error_of.h"
#include "support/saved_models.h"
#include "support/streams.h"

namespace recur::finite_results_test {
namespace {

constexpr float kHuge = 3e38F;

void overflow(Parameters& parameters) { std::ranges::fill(parameters.values(), kHuge); }

void expect_overflow(const char* what, const std::function<void()>& action) {
  EXPECT_NE(error_of(action).find("is not a finite number"), std::string::npos) << what << ": " << error_of(action);
}

TEST(FiniteResults, OfTasks) {
  const TempFolder folder;
  for (const SavedTask& task : saved_tasks()) {
    SCOPED_TRACE(task.name);
    save_task(folder, task, overflow);
    const Model model = Model::load(folder.file(task.name));
    const std::string data = folder.file(task.name + ".data");
    expect_overflow("evaluate", [&] { model.evaluate(data); });
    expect_overflow("predict", [&] { model.predict(data, [](const Prediction*, std::size_t) {}); });
    if (model.task() == "conditioned lm") expect_overflow("sample", [&] { model.generate({}, "a"); });
  }
}

TEST(FiniteResults, OfALanguageModel) {
  const TempFolder folder;
  const auto network = test_network({{.cell = "elman-relu", .layers = 1, .hidden = 3}, 2}, 6);
  overflow(network->parameters());
  save_model(folder.file("m"), head_of(*network), network->parameters(), "{}");
  const std::string text = folder.write("text", "w1 w2 w3\nw4 w5 w1\nw1 w2 w3\n");
  const Model model = Model::load(folder.file("m"));
  expect_overflow("evaluate", [&] { model.evaluate(text); });
  expect_overflow("generate", [&] { model.generate({}); });
  Stream stream = model.stream(), other = stream;
  expect_overflow("step", [&] { step(stream, 1); });
  Stream* both[] = {&stream, &other};
  const std::vector<int> tokens = {1, 2};
  std::vector<float> logits(2 * model.vocabulary());
  expect_overflow("step together", [&] { step_together(both, tokens, logits); });
  expect_overflow("units", [&] { trace_units(model, text, 5); });
  expect_overflow("gradients", [&] { measure_gradients(model, text, 2); });
}

}  // namespace
}  // namespace recur::finite_results_test
