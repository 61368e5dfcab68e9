// Models of numbers, from records in memory: an answer a step or a sequence, some of them unknown; step by step.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "recur/recur.h"
#include "support/error_of.h"
#include "support/random.h"
#include "support/saved_models.h"
#include "support/settings.h"

namespace recur::numbers_model_test {

// Numbers for each step, or for the whole sequence.
struct Following {
  RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 12};
  bool one = false;
};
void list_options(OptionList& list, Following& o) {
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list.group("Network");
  list.flag("one", o.one, "One vector a sequence");
}
Recipe recipe(const Following& o) {
  return {.fields = {{"sequence", NumbersSpec{}}, {"wanted", NumbersSpec{.one_step = o.one}, true}},
          .input = {NumbersInputSpec{"sequence"}},
          .network = o.network,
          .head = ValuesSpec{"wanted", o.one ? std::optional(Pooling::last) : std::nullopt}};
}

namespace {

using nlohmann::json;

void expect_error(const std::function<void()>& action, const std::string& expected) {
  const std::string error = error_of(action);
  EXPECT_NE(error.find(expected), std::string::npos) << error;
}

[[maybe_unused]] const bool registered = (register_task<Following>({.name = "following"}), true);

Numbers random_numbers(std::size_t steps, std::size_t width, std::uint32_t stream) {
  const Random random(7, RandomPurpose::test, stream);
  Numbers numbers{{}, width};
  for (std::size_t i = 0; i < steps * width; ++i) numbers.values.push_back(random.uniform(i));
  return numbers;
}

// The mean of the first column so far, times 100; that of every third step is unknown.
std::vector<Record> running_means(std::size_t count, bool one, bool unknown = true) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    const Numbers sequence = random_numbers(3 + i % 5, 2, static_cast<std::uint32_t>(i));
    Numbers wanted;
    double sum = 0;
    for (std::size_t t = 0; t < sequence.steps(); ++t) {
      sum += sequence.values[2 * t];
      wanted.values.push_back(unknown && t % 3 == 1 ? kUnknownNumber : 100 * sum / static_cast<double>(t + 1));
    }
    if (one) wanted.values = {100 * sum / static_cast<double>(sequence.steps())};
    records.push_back({{"sequence", sequence}, {"wanted", wanted}});
  }
  return records;
}

// Whether so far an odd number of steps was 1; that of every third step is unknown.
std::vector<Record> parities(std::size_t count) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    const Random random(3, RandomPurpose::test, static_cast<std::uint32_t>(i));
    Numbers sequence;
    std::vector<std::string> tags;
    bool odd = false;
    for (std::size_t t = 0; t < 3 + i % 4; ++t) {
      const bool one = random.word(t) % 2 == 1;
      odd ^= one;
      sequence.values.push_back(one ? 1 : 0);
      tags.emplace_back(t % 3 == 1 ? "" : odd ? "odd" : "even");
    }
    records.push_back({{"sequence", sequence}, {"tags", tags}});
  }
  return records;
}

std::vector<Record> labelled() {
  std::vector<Record> records;
  for (std::size_t i = 0; i < 40; ++i) {
    Numbers sequence = random_numbers(2 + i % 5, 3, static_cast<std::uint32_t>(i));
    sequence.values[0] += i % 2 == 0 ? 1 : -1;
    records.push_back({{"label", i % 2 == 0 ? "high" : "low"}, {"sequence", sequence}});
  }
  return records;
}

struct Trained {
  Trained(const TaskOptions& task, std::vector<Record> given, std::uint64_t epochs) : records(std::move(given)) {
    job.task = task;
    job.records = [this](std::uint64_t) { return records; };
    job.validation_records = records;
    job.model = folder.file("m.safetensors");
    job.batch_tokens = 0;
    job.training.batch = 10;
    job.training.epochs = epochs;
    job.training.schedule.learning_rate = 0.02F;
  }
  TempFolder folder;
  std::vector<Record> records;
  Job job;
};

json metrics(const Model& model, const std::vector<Record>& records) {
  return json::parse(model.evaluate(records).metrics);
}

TagOptions tags_of_steps() {
  TagOptions o;
  o.network = {.cell = "lstm", .layers = 1, .hidden = 12};
  o.crf = false;
  return o;
}

ClassifyOptions label_of_last() {
  ClassifyOptions o;
  o.network = {.cell = "gru", .layers = 2, .hidden = 9};
  o.pooling = Pooling::last;
  return o;
}

TEST(NumbersModel, LearnsATagForEachStepWhereSomeAreUnknown) {
  for (const bool crf : {false, true}) {
    TagOptions task = tags_of_steps();
    task.crf = crf;
    Trained t(task, parities(40), 60);
    const Model model = Model::train(t.job);
    const json result = metrics(model, t.records);
    EXPECT_EQ(result["accuracy"], 1) << result;
    std::size_t known = 0;
    for (const Record& record : t.records) {
      const auto& tags = std::get<std::vector<std::string>>(record[1].cell);
      known += tags.size() - static_cast<std::size_t>(std::ranges::count(tags, ""));
    }
    EXPECT_EQ(result["words"], known);
    EXPECT_FALSE(result.contains("unknown_tags"));
  }
}

TEST(NumbersModel, LearnsNumbersForEachStepWhereSomeAreUnknown) {
  Trained t(Following(), running_means(40, false), 120);
  const Model model = Model::train(t.job);
  const json result = metrics(model, t.records);
  EXPECT_LT(result["root_mean_square_error"], 8) << result;
  EXPECT_LT(result["numbers"], 40 * 5 - 40);
}

// A number that nobody knows leaves no trace in what is learnt.
TEST(NumbersModel, UnknownNumbersChangeNothing) {
  const auto predictions = [](double instead) {
    std::vector<Record> records = running_means(8, false);
    for (Record& record : records) {
      // One more step at the end, whose answer is unknown.
      auto& sequence = std::get<Numbers>(record[0].cell);
      sequence.values.insert(sequence.values.end(), {instead, instead});
      std::get<Numbers>(record[1].cell).values.push_back(kUnknownNumber);
    }
    Trained t(Following(), records, 3);
    // Moments are those of all steps that are read: both runs must see the same.
    t.job.records = [&](std::uint64_t epoch) { return epoch == 0 ? running_means(8, false, false) : records; };
    t.job.validation_records = running_means(8, false, false);
    t.job.training.batch = 8;
    const Model model = Model::train(t.job);
    std::vector<double> all;
    EXPECT_NE(model.describe().find("\"validation\": \"given in memory\""), std::string::npos);
    for (const Prediction& p : model.predict(t.job.validation_records)) {
      const auto& values = std::get<NumbersPrediction>(p).numbers.values;
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  };
  EXPECT_EQ(predictions(0.25), predictions(0.75));
}

TEST(NumbersModel, RefusesAColumnOfWhichNothingIsKnown) {
  std::vector<Record> records = running_means(8, false);
  for (Record& record : records) {
    for (double& value : std::get<Numbers>(record[1].cell).values) value = kUnknownNumber;
  }
  Trained t(Following(), records, 1);
  t.job.data = "readings";
  expect_error([&] { Model::train(t.job); }, "readings: nothing is known of a column of the wanted");
}

std::vector<float> last_outputs(const Model& model, const Numbers& sequence, std::vector<float>* all = nullptr) {
  Stream stream = model.stream();
  EXPECT_EQ(stream.inputs(), sequence.width);
  EXPECT_EQ(stream.vocabulary(), 0U);
  std::vector<float> outputs(stream.outputs());
  for (std::size_t t = 0; t < sequence.steps(); ++t) {
    const auto row = sequence.values.begin() + static_cast<std::ptrdiff_t>(t * sequence.width);
    const std::vector<float> step(row, row + static_cast<std::ptrdiff_t>(sequence.width));
    stream.step(step, outputs);
    if (all != nullptr) all->insert(all->end(), outputs.begin(), outputs.end());
  }
  return outputs;
}

TEST(NumbersStream, SaysWhatPredictSays) {
  for (const bool one : {false, true}) {
    Following task;
    task.one = one;
    Trained t(task, running_means(12, one), 2);
    const Model model = Model::train(t.job);
    const std::vector<Prediction> predictions = model.predict(t.records);
    for (std::size_t i = 0; i < t.records.size(); ++i) {
      std::vector<float> all;
      const std::vector<float> last = last_outputs(model, std::get<Numbers>(t.records[i][0].cell), &all);
      const std::vector<double>& expected = std::get<NumbersPrediction>(predictions[i]).numbers.values;
      if (one) all = last;
      ASSERT_EQ(all.size(), expected.size());
      for (std::size_t k = 0; k < all.size(); ++k) EXPECT_NEAR(all[k], expected[k], 1e-4 * std::abs(expected[k]));
    }
  }
}

TEST(NumbersStream, OfTagsAndOfLabels) {
  Trained tags(tags_of_steps(), parities(12), 2);
  const Model tagger = Model::train(tags.job);
  const std::vector<Prediction> tagged = tagger.predict(tags.records);
  for (std::size_t i = 0; i < tags.records.size(); ++i) {
    std::vector<float> all;
    last_outputs(tagger, std::get<Numbers>(tags.records[i][0].cell), &all);
    for (std::size_t step = 0; 2 * step < all.size(); ++step) {
      const std::string tag = all[2 * step] > all[2 * step + 1] ? "even" : "odd";  // in the order of their names
      EXPECT_EQ(std::get<TagsPrediction>(tagged[i]).tags[step], tag);
    }
  }

  Trained labels(label_of_last(), labelled(), 2);
  const Model classifier = Model::train(labels.job);
  const std::vector<Prediction> classified = classifier.predict(labels.records);
  for (std::size_t i = 0; i < labels.records.size(); ++i) {
    const std::vector<float> logits = last_outputs(classifier, std::get<Numbers>(labels.records[i][1].cell));
    const auto& best = std::get<LabelPrediction>(classified[i]).labels.front();
    EXPECT_EQ(best.label, logits[0] > logits[1] ? "high" : "low");
    EXPECT_NEAR(best.probability, 1 / (1 + std::exp(-std::abs(logits[0] - logits[1]))), 1e-5F);
  }
}

TEST(NumbersStream, StepsTogetherAreThoseAlone) {
  Trained t(Following(), running_means(12, false), 1);
  const Model model = Model::train(t.job);
  std::vector<Stream> streams(5, model.stream());
  std::vector<Stream*> all;
  for (Stream& stream : streams) all.push_back(&stream);
  std::vector<Stream> alone = streams;
  std::vector<float> together(5);
  for (std::uint32_t t2 = 0; t2 < 4; ++t2) {
    const Numbers drawn = random_numbers(5, 2, t2);
    const std::vector<float> numbers(drawn.values.begin(), drawn.values.end());
    step_together(all, numbers, together);
    for (std::size_t i = 0; i < 5; ++i) {
      float own = 0;
      alone[i].step(std::span(numbers).subspan(2 * i, 2), {&own, 1});
      EXPECT_EQ(own, together[i]);
    }
  }
}

TEST(NumbersStream, RefusesWhatIsNoStep) {
  Trained t(Following(), running_means(12, false), 1);
  const Model model = Model::train(t.job);
  Stream stream = model.stream();
  float output = 0;
  const std::vector<float> short_step = {1}, wrong = {1, std::numeric_limits<float>::quiet_NaN()};
  expect_error([&] { stream.step(short_step, {&output, 1}); }, "numbers: expected 2, got 1");
  expect_error([&] { stream.step(wrong, {&output, 1}); }, "numbers: expected finite ones, got nan");
  expect_error([&] { stream.step(1, {&output, 1}); }, "token 1: the model reads numbers, 2 a step");
  Following both_ways;
  both_ways.network.bidirectional = true;
  Trained u(both_ways, running_means(12, false), 1);
  const Model other = Model::train(u.job);
  EXPECT_THROW(other.stream(), Error);
  TagOptions joint = tags_of_steps();
  joint.crf = true;
  Trained v(joint, parities(12), 1);
  const Model chosen_together = Model::train(v.job);
  expect_error([&] { chosen_together.stream(); }, "a model of the task tag cannot run step by step");
}

// Every epoch is drawn anew; a training that was stopped and goes on ends as one without a break.
TEST(DrawnRecords, ResumeAtTheirEpoch) {
  const auto train = [](bool stop) {
    Trained t(Following(), {}, 4);
    t.job.records = [](std::uint64_t epoch) {
      std::vector<Record> records = running_means(20, false);
      for (Record& record : records) std::get<Numbers>(record[0].cell).values[0] += 0.01 * static_cast<double>(epoch);
      return records;
    };
    t.job.validation_records = running_means(8, false);
    TrainingHooks hooks;
    int asked = 0;
    hooks.stop_requested = [&] { return stop && ++asked == 5; };
    Model::train(t.job, hooks);
    if (stop) {
      t.job.resume = true;
      return metrics(Model::train(t.job), t.job.validation_records).dump();
    }
    return metrics(Model::load(t.job.model), t.job.validation_records).dump();
  };
  EXPECT_EQ(train(true), train(false));
}

TEST(DrawnRecords, MustStayAsTheyWere) {
  Trained t(Following(), running_means(20, false), 2);
  TrainingHooks hooks;
  hooks.stop_requested = [] { return true; };
  Model::train(t.job, hooks);
  t.job.resume = true;
  std::get<Numbers>(t.records[3][0].cell).values[0] += 1;
  t.job.data = "readings";
  expect_error([&] { Model::train(t.job); }, "was ");  // the name is an option of the job
  t.job.data.clear();
  expect_error([&] { Model::train(t.job); }, "records: the data has changed since ");
}

TEST(DrawnRecords, MakeAsManyBatchesInEveryEpoch) {
  Trained t(Following(), running_means(20, false), 2);
  t.job.records = [](std::uint64_t epoch) { return running_means(epoch == 0 ? 20 : 31, false); };
  expect_error([&] { Model::train(t.job); }, "epoch 1 has 31 records, epoch 0 20; expected as many");
}

// Without records of their own for validation, one in 20 is held out.
TEST(DrawnRecords, AreHeldOut) {
  Trained t(Following(), running_means(40, false), 1);
  t.job.validation_records.clear();
  std::uint64_t training = 0, validation = 0;
  Model::train(t.job, {}, [&](const JobSummary& s) {
    training = s.training;
    validation = s.validation;
  });
  EXPECT_EQ(training, 38U);
  EXPECT_EQ(validation, 2U);
}

// A call has as many threads as it is told, and leaves the caller's setting as it was.
TEST(Threads, AreAnArgumentOfACall) {
  const WithThreads three(3);
  Trained t(Following(), running_means(12, false), 1);
  std::size_t during = 0;
  t.job.records = [&](std::uint64_t) {
    during = thread_count();
    return t.records;
  };
  t.job.threads = 2;
  const Model model = Model::train(t.job);
  EXPECT_EQ(during, std::min<std::size_t>(2, thread_count()));
  const std::size_t own = thread_count();
  EXPECT_EQ(model.evaluate(t.records, {.threads = 1}).metrics, model.evaluate(t.records).metrics);
  EXPECT_EQ(thread_count(), own);
}

TEST(Lines, StepsAddUpToTheScore) {
  LinesOptions task;
  task.network = {.cell = "lstm", .layers = 1, .hidden = 8};
  task.embedding = 3;
  std::vector<Record> names;
  for (const char* name : {"ada", "bob", "eve", "ivy", "otto", "anna"}) names.push_back({{"text", name}});
  Trained t(task, names, 2);
  const Model model = Model::train(t.job);
  const std::vector<Prediction> scores = model.predict(names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<int> tokens = model.encode(std::get<std::string>(names[i][0].cell));
    tokens.push_back(*model.end());
    Stream stream = model.stream();
    std::vector<float> logits(stream.outputs());
    double nats = 0;
    for (std::size_t k = 0; k + 1 < tokens.size(); ++k) {
      stream.step(tokens[k], logits);
      double sum = 0;
      for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
      nats += std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(tokens[k + 1])]);
    }
    EXPECT_NEAR(std::get<TextScore>(scores[i]).nats, nats, 1e-4);
    EXPECT_EQ(std::get<TextScore>(scores[i]).tokens, tokens.size() - 1);
  }
}

}  // namespace
}  // namespace recur::numbers_model_test
