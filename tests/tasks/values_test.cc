// Networks of a program's own recipe, whose answers are numbers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/types/error.h"
#include "support/error_of.h"
#include "support/records.h"
#include "support/settings.h"
#include "tasks/network.h"

namespace recur::values_test {
namespace {

// What some numbers, or the words of a text, are worth: a vector a step, or one altogether.
struct Worth {
  RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  std::string pooling;  // empty: none
  bool of_words = false;
};

void list_options(OptionList& list, Worth& o) {
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list.text("pooling", o.pooling, "NAME", "How a sequence's outputs become one vector; empty: one a step");
  list.flag("of-words", o.of_words, "Read a text, not numbers");
}

Recipe recipe(const Worth& o) {
  const std::optional<Pooling> pooling = choice_named<Pooling>(o.pooling);
  const FieldSpec worth{"worth", NumbersSpec{.one_step = pooling.has_value()}, true};
  const ValuesSpec head{.field = "worth", .pooling = pooling};
  if (!o.of_words) {
    return {.fields = {{"sequence", NumbersSpec{}}, worth},
            .input = {NumbersInputSpec{"sequence"}},
            .network = o.network,
            .head = head};
  }
  return {
      .fields = {{"text", TextSpec{}}, worth}, .input = {TokensSpec{"text", 2}}, .network = o.network, .head = head};
}

Worth worth(std::optional<Pooling> pooling, bool of_words = false) {
  static const bool registered = (register_task<Worth>({.name = "worth", .unit = "sequence"}), true);
  EXPECT_TRUE(registered);
  return {.pooling = pooling ? std::string(to_string(*pooling)) : "", .of_words = of_words};
}

// A recipe that is none.
struct Mistaken {
  RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 2};
  bool input = true, answers = false, fields = true;
};
void list_options(OptionList& list, Mistaken& o) {
  list_options(list, o.network);
  list.flag("input", o.input, "Read the text");
  list.flag("answers", o.answers, "The text is an answer, too");
  list.flag("fields", o.fields, "Have any fields");
}
Recipe recipe(const Mistaken& o) {
  Recipe r{.fields = {{"text", TextSpec{}, o.answers}, {"worth", NumbersSpec{.one_step = true}, true}},
           .network = o.network,
           .head = ValuesSpec{.field = "worth", .pooling = Pooling::last}};
  if (o.input) r.input = {TokensSpec{"text", 2}};
  if (!o.fields) r.fields.clear();
  return r;
}

constexpr const char* kSteps =
    "{\"sequence\": [[1, 5], [2, 4], [4, 5]], \"worth\": [[10, 0.1], [30, 0.5], [20, 0.2]]}\n"
    "{\"sequence\": [[0, 0]], \"worth\": [[50, 0.3]]}\n"
    "{\"sequence\": [[3, 5], [1, 6]], \"worth\": [[40, 0.3], [30, 0.4]]}\n";
constexpr const char* kWhole =
    "{\"sequence\": [[1, 5], [2, 4], [4, 5]], \"worth\": [[10, 0.1]]}\n"
    "{\"sequence\": [[0, 0]], \"worth\": [[50, 0.3]]}\n"
    "{\"sequence\": [[3, 5], [1, 6]], \"worth\": [[30, 0.5]]}\n";
constexpr const char* kWords =
    "{\"text\": \"a b a\", \"worth\": [[10, 0.1]]}\n"
    "{\"text\": \"c\", \"worth\": [[50, 0.3]]}\n"
    "{\"text\": \"b c\", \"worth\": [[30, 0.5]]}\n";

class ValuePoolings : public testing::TestWithParam<std::optional<Pooling>> {
 protected:
  std::vector<RecordsCase*> cases() {
    if (all_.empty()) {
      all_.push_back(std::make_unique<RecordsCase>(worth(GetParam()), GetParam() ? kWhole : kSteps));
      if (GetParam()) all_.push_back(std::make_unique<RecordsCase>(worth(GetParam(), true), kWords));
    }
    std::vector<RecordsCase*> cases;
    for (const auto& one : all_) cases.push_back(one.get());
    return cases;
  }

 private:
  const WithThreads alone_{1};
  std::vector<std::unique_ptr<RecordsCase>> all_;
};
INSTANTIATE_TEST_SUITE_P(All, ValuePoolings,
                         testing::Values(std::nullopt, Pooling::last, Pooling::mean, Pooling::max, Pooling::attention),
                         [](const auto& test) {
                           return test.param ? std::string(to_string(*test.param)) : "each_step";
                         });

TEST_P(ValuePoolings, GradientsAgreeWithDifferences) {
  for (RecordsCase* const c : cases()) {
    // Where the largest of two outputs changes, a difference means nothing: a small step meets fewer such places.
    const float step = GetParam() == Pooling::max ? 0x1p-11F : 0x1p-7F;
    expect_gradients(c->mean_loss(), c->values(), 1e-3, 1, step);
  }
}

TEST_P(ValuePoolings, ABatchLosesWhatItsRecordsLoseAlone) {
  for (const RecordsCase* const c : cases()) {
    LossSum alone;
    for (const std::size_t record : c->batch) alone += c->loss({record});
    EXPECT_NEAR(c->loss(c->batch).nats, alone.nats, 1e-5);
    EXPECT_EQ(c->loss(c->batch).predictions, alone.predictions);
    const std::size_t vectors = GetParam() ? 3 : 6;
    EXPECT_EQ(alone.predictions, 2 * vectors);  // of two numbers each
  }
}

std::vector<Numbers> predicted(const Network& network, const Records& records) {
  std::vector<Numbers> numbers(records.size());
  predict(network, records, {}, [&](std::size_t record, Prediction&& prediction) {
    numbers[record] = std::get<NumbersPrediction>(prediction).numbers;
  });
  return numbers;
}

// A network that says 0 says the mean of the data.
TEST_P(ValuePoolings, PredictionsAreInTheUnitsOfTheData) {
  for (const RecordsCase* const c : cases()) {
    std::ranges::fill(c->network->parameters().values(), 0.0F);
    const std::vector<std::size_t> steps =
        GetParam() ? std::vector<std::size_t>{1, 1, 1} : std::vector<std::size_t>{3, 1, 2};
    const std::vector<Numbers> all = predicted(*c->network, *c->records);
    for (std::size_t record = 0; record < 3; ++record) {
      EXPECT_EQ(all[record].width, 2U);
      ASSERT_EQ(all[record].steps(), steps[record]);
      for (std::size_t i = 0; i < all[record].values.size(); ++i) {
        EXPECT_NEAR(all[record].values[i], i % 2 == 0 ? 30 : 0.3, 1e-6);
      }
    }
    const auto metrics = c->metrics(*c->records);
    EXPECT_EQ(metrics["records"], 3);
    EXPECT_EQ(metrics["numbers"], GetParam() ? 6 : 12);
    // What the data is off its mean: 20, 20, 0 and 0.2, 0, 0.2; or 20, 0, 10, 20, 10, 0 and 0.2, 0.2, 0.1, 0, 0, 0.1.
    EXPECT_NEAR(metrics["mean_absolute_error"], GetParam() ? 40.4 / 6 : 60.6 / 12, 1e-5);
    EXPECT_NEAR(metrics["root_mean_square_error"], std::sqrt(GetParam() ? 800.08 / 6 : 1000.1 / 12), 1e-5);
    EXPECT_NEAR(metrics["scaled_square_error"], 1, 1e-6);
  }
}

TEST_P(ValuePoolings, AreTheSameFromAModelFile) {
  for (const RecordsCase* const c : cases()) {
    const auto copy = Network::load("worth", c->network->configuration());
    copy->parameters().allocate();
    std::ranges::copy(c->network->parameters().values(), copy->parameters().values().begin());
    const std::vector<Numbers> one = predicted(*c->network, *c->records), other = predicted(*copy, *c->records);
    for (std::size_t record = 0; record < 3; ++record) EXPECT_EQ(one[record].values, other[record].values);
  }
}

TEST(Values, ThatAreNotAsManyAsTheStepsAreRefused) {
  const auto message = [](const TaskOptions& options, const char* data) -> std::string {
    try {
      const RecordsCase c(options, data);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  const std::string steps = message(worth({}), "{\"sequence\": [[1], [2]], \"worth\": [[1]]}\n");
  EXPECT_TRUE(steps.ends_with("data: line 1: expected 2 worth, as many as sequence, got 1")) << steps;
  const std::string whole = message(worth(Pooling::mean), kSteps);
  EXPECT_TRUE(whole.ends_with("data: line 1: expected one vector of numbers as \"worth\", got 3")) << whole;
}

// The sum of what came so far.
TEST(Values, OfARecipeOfOnesOwnAreLearned) {
  const TempFolder folder;
  std::string data;
  for (int i = 0; i < 64; ++i) {
    const int a = i % 4, b = i / 4 % 4, c = i / 16;
    data += fmt::format("{{\"sequence\": [[{}], [{}], [{}]], \"worth\": [[{}], [{}], [{}]]}}\n", a, b, c, 100 * a,
                        100 * (a + b), 100 * (a + b + c));
  }
  Job job;
  job.data = job.validation = folder.write("sums", data);
  job.model = folder.file("m.safetensors");
  Worth options = worth({});
  options.network = {.cell = "gru", .layers = 1, .hidden = 16};
  job.task = options;
  job.training.epochs = 60;
  job.training.batch = 8;
  job.training.schedule.learning_rate = 0.01F;
  Model::train(job);
  const Model model = Model::load(job.model);
  EXPECT_EQ(model.task(), "worth");
  EXPECT_LT(nlohmann::json::parse(model.evaluate(job.data).metrics)["mean_absolute_error"].get<double>(), 15);
  const std::vector<Record> records = {{{"sequence", Numbers{{1, 3, 2}, 1}}}};
  const Numbers sums = std::get<NumbersPrediction>(model.predict(records).front()).numbers;
  ASSERT_EQ(sums.values.size(), 3U);
  for (const std::size_t i : {0U, 1U, 2U}) EXPECT_NEAR(sums.values[i], std::vector<double>({100, 400, 600})[i], 40);
}

TEST(RecipeMisuse, OfInputsAndAnswers) {
  register_task<Mistaken>({.name = "mistaken", .unit = "text"});
  constexpr const char* kRecord = "{\"text\": \"a b\", \"worth\": 1}\n";
  EXPECT_NO_THROW(RecordsCase(Mistaken(), kRecord));
  EXPECT_EQ(error_of([&] { RecordsCase(Mistaken{.input = false}, kRecord); }),
            "the recipe has no input; expected at least one");
  EXPECT_EQ(error_of([&] { RecordsCase(Mistaken{.fields = false}, kRecord); }),
            "the recipe has no fields; expected at least one");
  EXPECT_EQ(error_of([] { reads_text(Mistaken{.fields = false}); }), "the recipe has no fields; expected at least one");
  for (const char* name : {"lm", "embed", "mistaken"}) {
    EXPECT_EQ(error_of([&] { register_task<Mistaken>({.name = name}); }),
              std::string("register_task: there is a task \"") + name + "\" already; give another name");
  }
  EXPECT_EQ(error_of([] { register_task<Mistaken>({.name = ""}); }), "register_task: expected a name, got none");
  EXPECT_EQ(error_of([&] { RecordsCase(Mistaken{.answers = true}, kRecord); }),
            "the recipe has several fields that are answers; expected one at most");
}

}  // namespace
}  // namespace recur::values_test
