// A classifier's loss and gradients, what it learns, and where it starts from.

#include <gtest/gtest.h>

#include "data/safetensors.h"
#include "recur/model.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::classifier_test {
namespace {

constexpr const char* kTexts = "x\ta b c a\ny\tb a c\nx\tc a\nz\tb\n";
constexpr const char* kNumbers =
    "{\"label\": \"up\", \"sequence\": [[1, 5], [2, 4], [4, 5]]}\n"
    "{\"label\": \"down\", \"sequence\": [[3, 5], [1, 6]]}\n"
    "{\"label\": 7, \"sequence\": [[0, 0]]}\n";

ClassifyOptions small(Pooling pooling) {
  ClassifyOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  o.embedding = 2;
  o.pooling = pooling;
  return o;
}

class Poolings : public testing::TestWithParam<Pooling> {};
INSTANTIATE_TEST_SUITE_P(All, Poolings, testing::Values(Pooling::last, Pooling::mean, Pooling::max, Pooling::attention),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST_P(Poolings, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  for (const char* data : {kTexts, kNumbers}) {
    RecordsCase t(small(GetParam()), data);
    // Where the largest of two outputs changes, a difference means nothing: a small step meets fewer such places.
    const float step = GetParam() == Pooling::max ? 0x1p-11F : 0x1p-7F;
    expect_gradients(t.mean_loss(), t.values(), 1e-3, 1, step);
    // The mean is over the labels that are known.
    if (data != kTexts) continue;
    t.records = t.read("nobody\tx y\nnobody\tz x y\n" + std::string(kTexts));
    t.batch = t.longest_records();
    ASSERT_LT(t.loss(t.batch).predictions, t.records->size());
    expect_gradients(t.mean_loss(), t.values(), 1e-3, 1, step);
  }
}

TEST_P(Poolings, ABatchLosesWhatItsRecordsLoseAlone) {
  const WithThreads one(1);
  for (const char* data : {kTexts, kNumbers}) {
    RecordsCase t(small(GetParam()), data);
    double alone = 0;
    for (const std::size_t record : t.batch) alone += t.loss({record}).nats;
    EXPECT_NEAR(t.loss(t.batch).nats, alone, 1e-5);
  }
}

TEST(Classifier, WeightsCountInTheGradientOnly) {
  const WithThreads one(1);
  ClassifyOptions options = small(Pooling::mean);
  RecordsCase plain(options, kTexts);
  options.class_weights = "x=2,y=2,z=2";
  RecordsCase weighted(options, kTexts);
  const auto gradient = [](RecordsCase& t) {
    Tape tape;
    t.loss_on(tape, *t.records, t.batch, Noise::silent());
    tape.backward();
    return t.network->parameters().gradients();
  };
  const std::span<float> single = gradient(plain), twice = gradient(weighted);
  EXPECT_EQ(plain.loss(plain.batch).nats, weighted.loss(weighted.batch).nats);
  for (std::size_t i = 0; i < single.size(); ++i) EXPECT_NEAR(2 * single[i], twice[i], 1e-6);
}

TEST(Classifier, ScalesNumbersToMeanZeroAndDeviationOne) {
  const RecordsCase t(small(Pooling::mean), kNumbers);
  const auto& numbers = t.column(1).numbers;
  double sum[2] = {}, squares[2] = {};
  for (std::size_t record = 0; record < numbers.size(); ++record) {
    for (std::size_t i = 0; i < numbers[record].size(); ++i) {
      const auto x = static_cast<double>(numbers[record][i]);
      sum[i % 2] += x;
      squares[i % 2] += x * x;
    }
  }
  for (int column : {0, 1}) {
    EXPECT_NEAR(sum[column] / 6, 0, 1e-6);
    EXPECT_NEAR(squares[column] / 6, 1, 1e-6);
  }
}

// Questions of three kinds.
std::string questions() {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    for (const char* line : {"place\twhere is house ", "person\twho is in house ", "time\twhen was house "}) {
      text += line + std::to_string(i % 7) + "\n";
    }
  }
  return text;
}

Job question_job(const TempFolder& folder, const ClassifyOptions& options) {
  Job job;
  job.data = folder.write("questions.tsv", questions());
  job.model = folder.file("m.safetensors");
  job.task = options;
  job.training.epochs = 30;
  job.training.batch = 10;
  job.training.schedule.learning_rate = 0.02F;
  return job;
}

TEST_P(Poolings, LearnsWhatQuestionsAskFor) {
  const TempFolder folder;
  ClassifyOptions options = small(GetParam());
  options.network.hidden = 8;
  TrainingResult result;
  const Model model = Model::train(question_job(folder, options), {}, {}, &result);
  EXPECT_EQ(result.best_measure, 1.0);
  const std::string out = predicted_lines(model, folder.write("new", "when was house 3\n\nperson\twhere is house 3\n"));
  EXPECT_TRUE(out.starts_with("time\ttime=0.") || out.starts_with("time\ttime=1.")) << out;
  EXPECT_NE(out.find("\n\nplace\tplace="), std::string::npos) << out;
}

TEST(Classifier, TheNumberOfThreadsChangesNothing) {
  std::string first;
  for (const int threads : {1, 2, 3}) {
    const WithThreads with(threads);
    const TempFolder folder;
    Job job = question_job(folder, small(Pooling::attention));
    job.training.epochs = 2;
    const std::string out = predicted_lines(Model::train(job), job.data);
    if (threads == 1) first = out;
    EXPECT_EQ(out, first) << threads;
  }
}

TEST(Classifier, StartsFromALanguageModelAndFreezesIt) {
  const TempFolder folder;
  Job language;
  language.data = folder.write("texts", "where is house 1\nwho is in house 2\nwhen was house 3\nwho was where\n");
  language.validation = language.data;
  language.model = folder.file("lm.safetensors");
  LanguageModelOptions words{{.layers = 1, .hidden = 5}};
  words.tokenizer = TokenizerKind::word;
  words.embedding = 4;
  language.task = words;
  language.training.epochs = 1;
  language.training.batch = 1;
  Model::train(language);

  ClassifyOptions options = small(Pooling::mean);
  options.network = words;
  options.embedding = words.embedding;
  Job job = question_job(folder, options);
  job.start.init_from = language.model;
  job.start.freeze_epochs = 2;
  job.training.epochs = 2;
  Model::train(job);
  const auto tensor = [](const std::string& path, const std::string& name) {
    const SafetensorsFile file(path);
    const std::span<const std::byte> bytes = file.find(name)->bytes;
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  };
  for (const char* name : {"rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_hh_l0"}) {
    EXPECT_EQ(tensor(job.model, name), tensor(language.model, name)) << name;
  }
  job.start.freeze_epochs = 1;
  Model::train(job);
  EXPECT_NE(tensor(checkpoint_path(job.model), "rnn.weight_ih_l0"), tensor(language.model, "rnn.weight_ih_l0"));
}

}  // namespace
}  // namespace recur::classifier_test
