// A decoder that copies words and knows what it has looked at: its loss, its gradients, what it predicts, and whether
// it learns.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "nn/heads/heads.h"
#include "recur/types/error.h"
#include "support/looked_again.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::pointer_test {
namespace {

// Words that occur once are unknown: of summaries Anna, Otto, house and old, which are copied, and Mia, which stands in
// no source. Emil is unknown in sources only. Longest source first.
constexpr const char* kTexts =
    "old Anna saw Otto and Anna\tAnna saw Otto\n"
    "the old house and the house\tthe house Emil saw\n"
    "Emil saw the old\tEmil and the Mia\n"
    "and saw the\tthe saw\n"
    "old\tthe old\n";
constexpr std::size_t kTarget = 1;  // field

SummarizeOptions small(Attention attention, std::size_t layers = 1) {
  SummarizeOptions o;
  o.network = {.cell = "gru", .layers = layers, .hidden = 3, .bidirectional = attention != Attention::dot};
  o.source = {TokenizerKind::word, {.min_count = 2}};
  o.summary = {TokenizerKind::word, {.min_count = 2}};
  o.embedding = 2;
  o.attention = attention;
  return o;
}

struct Copier : RecordsCase {
  explicit Copier(const SummarizeOptions& options, const std::string& texts = kTexts) : RecordsCase(options, texts) {
    for (float& one : parameter("decoder.attention.coverage")) one = 1.5F;
  }
  const DecoderHead& head() const { return dynamic_cast<const DecoderHead&>(network->head()); }
  std::span<float> parameter(const std::string& name) const {
    Parameters& parameters = network->parameters();
    for (const Parameters::Declaration& d : parameters.declarations()) {
      if (d.name == name) return parameters.values().subspan(d.offset, d.size);
    }
    return {};
  }
};

std::vector<SummarizeOptions> kinds() {
  std::vector<SummarizeOptions> all;
  for (const Attention attention : {Attention::additive, Attention::dot, Attention::general}) {
    for (const std::size_t layers : {1U, 2U}) all.push_back(small(attention, layers));
  }
  all.push_back(small(Attention::additive));
  all.back().coverage = 1e-12F;  // is known, and costs nothing
  all.push_back(small(Attention::additive));
  all.back().pointer = false;
  all.back().coverage = 1e-12F;
  return all;
}

class Copiers : public testing::TestWithParam<SummarizeOptions> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Copiers, testing::ValuesIn(kinds()), [](const auto& test) {
  const SummarizeOptions& o = test.param;
  return std::string(to_string(o.attention)) + std::to_string(o.network.layers) + (o.pointer ? "_pointer" : "") +
         (o.coverage > 0 ? "_coverage" : "");
});

TEST_P(Copiers, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  Copier c(GetParam());
  expect_gradients(c.mean_loss(), c.values(), 1e-3);
}

// Mia, and one "and", stand in no source of theirs; what can be copied is not unknown.
TEST_P(Copiers, CountOnlyWhatTheyCannotWriteAsUnknown) {
  const Copier c(GetParam());
  EXPECT_EQ(c.metrics(*c.records)["unknown"], GetParam().pointer ? 2 : 6);
}

TEST_P(Copiers, TheNumberOfThreadsChangesNoBit) {
  Copier c(GetParam());
  expect_same_on_any_threads(c.mean_loss(), c.values());
}

TEST_P(Copiers, ABatchLosesWhatItsRecordsLoseAlone) {
  const WithThreads one(1);
  const Copier c(GetParam());
  double alone = 0;
  for (const std::size_t record : c.batch) alone += c.nats(*c.records, {record});
  EXPECT_NEAR(c.nats(*c.records, c.batch), alone, 1e-4);
}

// Scores of outputs, found with a beam, against the loss of the same outputs as targets.
TEST_P(Copiers, ScoresAreTheProbabilitiesOfTeacherForcing) {
  const WithThreads one(1);
  const Copier c(GetParam());
  c.parameter("decoder.output.bias")[0] = -20;  // of <unk>, which would become a word of the source
  c.parameter("decoder.output.bias")[2] += 3;   // of </s>
  PredictOptions options;
  options.decode.beam = options.decode.n_best = 5;
  options.decode.length_penalty = 0;
  const std::vector<std::string> sources = {"Max saw the house of Max", "the old Lea", "Ina", "and saw"};
  std::string lines, pairs;
  for (const std::string& source : sources) lines += source + "\n";
  std::vector<double> scores;
  std::size_t copies = 0;
  for (const std::string& line : c.predict(*c.read(lines, false), options, OutputLines::numbered)) {
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    const std::string output = line.substr(second + 1);
    if (output.empty() || std::ranges::count(output, ' ') >= 18) continue;  // no target, perhaps no end
    pairs += sources.at(std::stoul(line) - 1) + "\t" + output + "\n";
    scores.push_back(std::stod(line.substr(first)));
    if (output.find_first_of("MLI") != output.npos) ++copies;
  }
  ASSERT_GE(scores.size(), 8U);
  EXPECT_GE(copies, GetParam().pointer ? 3U : 0U) << pairs;
  const auto records = c.read(pairs, true);
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(-c.nats(*records, {i}), scores[i], 3e-5) << pairs;
}

// The probabilities that a stream gives to the vocabulary's words and to those that only the source has.
TEST_P(Copiers, ProbabilitiesOfAStepAddUpToOne) {
  if (!GetParam().pointer) return;
  const Copier c(GetParam());
  Tape tape(false);
  const recur::Run run{tape, c.network->parameters(), Noise::silent()};
  const Batch rows = make_batch(c.network->fields(), *c.records, c.batch);
  const Encoding encoding = c.network->encode(run, rows);
  const int vocabulary = static_cast<int>(c.head().decoder().output().vocabulary());
  CopySources sources;
  sources.tokens = {{2, vocabulary, 3, vocabulary + 1, 4, vocabulary},
                    {3, 4, vocabulary, 2, 3, vocabulary},
                    {vocabulary, 3, 3, 2},
                    {2, 3, 2},
                    {2}};
  sources.others = {2, 1, 1, 0, 0};
  Decoder::Stream stream(c.head().decoder(), c.network->parameters(), tape, encoding, &sources);
  std::vector<int> tokens = {1, 1, 1, 1, 1};
  std::vector<std::size_t> from = {0, 1, 2, 3, 4};
  for (int step = 0; step < 3; ++step) {
    const Decoder::Stream::Step result = stream.step(tokens, from);
    ASSERT_EQ(result.log_probabilities.columns, static_cast<std::size_t>(vocabulary) + (step == 2 ? 1 : 2));
    for (std::size_t row = 0; row < tokens.size(); ++row) {
      const float* scores = result.log_probabilities.data + row * result.log_probabilities.stride;
      double sum = 0;
      for (std::size_t token = 0; token < result.tokens[row]; ++token)
        sum += std::exp(static_cast<double>(scores[token]));
      EXPECT_NEAR(sum, 1, 2e-6) << step << ", " << row;
    }
    tokens = {3, vocabulary + 1, 2, 3};
    from = {4, 0, 0, 2};
    if (step == 1) {
      tokens = {3, vocabulary};
      from = {0, 3};
    }
  }
}

// Coverage's penalty has a gradient, that of its mean over predictions, and is not in the loss.
TEST(Coverage, GradientsOfItsPenaltyAgreeWithDifferences) {
  const WithThreads one(1);
  SummarizeOptions options = small(Attention::additive);
  options.coverage = 2;
  Copier c(options);
  const double nats = c.nats(*c.records, c.batch);
  const Computation loss = c.mean_loss();
  LookedAgain looked_again;
  const Computation penalised = [&](Tape& tape, std::vector<std::vector<float>>& a,
                                    std::vector<std::vector<float>>& d) {
    const double sum = loss(tape, a, d);
    Tape other(false);
    const recur::Run run{other, c.network->parameters(), Noise::silent()};
    const Batch rows = make_batch(c.network->fields(), *c.records, c.batch);
    const Encoding encoding = c.network->encode(run, rows);
    const FieldBatch& target = rows.fields[kTarget];
    const Alignments looked =
        c.head().decoder().forward(run.child("decoder"), target.ids, target.steps, encoding, target.of).alignments;
    return sum + 2 * looked_again.of(looked, target.steps) / static_cast<double>(target.steps.total());
  };
  expect_gradients(penalised, c.values(), 1e-3);
  options.coverage = 1;
  const Copier other(options);
  EXPECT_EQ(nats, other.nats(*other.records, other.batch));
}

TEST(Coverage, IsKnownAndCostsFromItsEpochOn) {
  SummarizeOptions options = small(Attention::additive);
  options.coverage = 1;
  options.coverage_from = 2;
  Copier c(options);
  const auto gradient_of_coverage = [&] {
    std::vector<std::vector<float>> values = c.values();
    static_cast<void>(compute(c.mean_loss(), values));
    double sum = 0;
    for (const auto& d : c.network->parameters().declarations()) {
      if (d.name != "decoder.attention.coverage") continue;
      for (const float one : c.network->parameters().gradients().subspan(d.offset, d.size)) {
        sum += std::abs(static_cast<double>(one));
      }
    }
    return sum;
  };
  const double known = c.nats(*c.records, c.batch);  // as a model that was read from a file
  c.network->begin_epoch(1, 1);
  EXPECT_EQ(gradient_of_coverage(), 0);
  const double unknown = c.nats(*c.records, c.batch);
  EXPECT_NE(unknown, known);
  c.network->begin_epoch(2, 1);
  EXPECT_GT(gradient_of_coverage(), 1e-5);
  EXPECT_EQ(c.nats(*c.records, c.batch), known);
  std::ranges::fill(c.parameter("decoder.attention.coverage"), 0.0F);  // as training begins
  EXPECT_EQ(c.nats(*c.records, c.batch), unknown);
}

TEST(Pointer, IsInTheModelFile) {
  SummarizeOptions options = small(Attention::additive);
  options.coverage = 1;
  const Copier c(options);
  const std::string sources = "Max saw the house\nthe old Lea\n";
  const auto copy = Network::load("summarize", c.network->configuration());
  copy->parameters().allocate();
  ASSERT_EQ(copy->parameters().count(), c.network->parameters().count());
  std::ranges::copy(c.network->parameters().values(), copy->parameters().values().begin());
  const auto records = c.read(sources, false);
  const InputFile file(c.folder.write("sources", sources));
  ReadOptions unanswered;
  unanswered.answers = false;
  const auto again = read_records(copy->fields(), {file, {}}, unanswered);
  std::vector<std::string> lines(2);
  predict(*copy, *again, {}, [&](std::size_t record, Prediction&& p) { lines[record] = prediction_text(p); });
  EXPECT_EQ(lines_of(lines[0] + lines[1]), c.predict(*records));
}

TEST(Pointer, RefusesWhatMakesNoSense) {
  const auto refusal = [](const std::function<void(SummarizeOptions&)>& change) -> std::string {
    SummarizeOptions options = small(Attention::additive, 2);
    change(options);
    try {
      const Copier c(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  using O = SummarizeOptions;
  EXPECT_TRUE(refusal([](O& o) { o.softmax = Softmax::adaptive; }).starts_with("--pointer needs --softmax full"));
  EXPECT_TRUE(refusal([](O& o) { o.attention = Attention::none; }).starts_with("--pointer"));
  EXPECT_TRUE(refusal([](O& o) { o.label_smoothing = 0.1F; }).starts_with("--label-smoothing"));
  EXPECT_TRUE(refusal([](O& o) { o.coverage_from = 3; }).starts_with("--coverage-from needs"));
  EXPECT_TRUE(refusal([](O& o) { o.network.every = 2; }).starts_with("--every"));
  EXPECT_TRUE(refusal([](O& o) {
                o.attention = Attention::general;
                o.coverage = 1;
              }).starts_with("--coverage needs"));
  EXPECT_TRUE(refusal([](O& o) {
                o.pointer = false;
                o.attention = Attention::none;
                o.coverage = 1;
              }).starts_with("--coverage needs"));
  EXPECT_EQ(refusal([](O& o) { o.coverage = 1; }), "accepted");
  const Copier c(small(Attention::dot));
  PredictOptions how;
  how.decode.max_output = how.decode.min_output = 4;
  EXPECT_THROW(c.head().check(how), Error);
  how.decode.min_output = 3;
  EXPECT_NO_THROW(c.head().check(how));
}

TEST(DecoderOutputs, HaveTheirLeastTokensAndNoRepetitions) {
  const Copier c(small(Attention::additive));
  const auto records = c.read("Max saw the house of Max\nthe old Lea\nIna\n", false);
  PredictOptions how;
  how.decode.min_output = 60;  // more than the training data has
  for (const std::string& line : c.predict(*records, how)) EXPECT_GE(std::ranges::count(line, ' '), 59) << line;
  how.decode.min_output = 0;
  how.decode.no_repeat = 1;
  for (const std::string& line : c.predict(*records, how)) {
    std::map<std::string, int> counts;
    std::istringstream words(line);
    for (std::string word; words >> word;) EXPECT_EQ(++counts[word], 1) << line;
  }
}

// Every word occurs once, so that the vocabularies have none of them but the first: all others are copied, in order.
TEST(PointerTraining, LearnsToCopyWordsThatItDoesNotKnow) {
  for (const Attention attention : {Attention::additive, Attention::general}) {
    SCOPED_TRACE(to_string(attention));
    const TempFolder folder;
    const auto texts = [](int first, int last) {
      std::string all;
      for (int i = first; i < last; ++i) {
        std::string text = "say";
        for (int k = 0; k < 1 + i % 3; ++k) text += " w" + std::to_string(10 * i + k);
        all += text + "\t" + text + "\n";
      }
      return all;
    };
    SummarizeOptions options;
    options.network = {.cell = "gru", .layers = 1, .hidden = 24, .bidirectional = true};
    options.source = options.summary = {TokenizerKind::word, {.min_count = 2}};
    options.embedding = 12;
    options.attention = attention;
    Job job;
    job.task = options;
    job.data = folder.write("train.tsv", texts(0, 300));
    job.validation = folder.write("valid.tsv", texts(1000, 1060));
    job.model = folder.file("m.safetensors");
    job.training.batch = 10;
    job.training.epochs = 15;
    job.training.schedule.learning_rate = 0.01F;
    TrainingResult result;
    const Model model = Model::train(job, {}, {}, &result);
    EXPECT_EQ(result.best_measure, 100.0);
    EXPECT_EQ(predicted_lines(model, folder.write("new.txt", "say Emil Anna\nsay Otto\n")),
              "say Emil Anna\nsay Otto\n");
  }
}

}  // namespace
}  // namespace recur::pointer_test
