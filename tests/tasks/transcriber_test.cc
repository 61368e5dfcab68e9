// Networks that write the text of a sequence of numbers, by CTC, a transducer or a decoder.
#include <gtest/gtest.h>

#include <cmath>

#include "data/text_field.h"
#include "kernels/ctc.h"
#include "nn/heads/heads.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::transcriber_test {
namespace {

// The second and the last text fit closely.
constexpr const char* kSpoken =
    "{\"audio\": [[1, 5], [2, 4], [4, 5], [0, 1], [2, 2], [3, 1]], \"text\": \"a b\"}\n"
    "{\"audio\": [[0, 0], [1, 3], [3, 3]], \"text\": \"bb\"}\n"
    "{\"audio\": [[3, 5], [1, 6]], \"text\": \"ab\"}\n";

TranscribeOptions transcriber(TranscriptOutput output, TokenizerKind kind = TokenizerKind::character) {
  TranscribeOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  o.text.kind = kind;
  o.output = output;
  o.embedding = 2;
  return o;
}

class Transcribers : public testing::TestWithParam<TranscriptOutput> {
 protected:
  const WithThreads alone_{1};
  RecordsCase case_{transcriber(GetParam()), kSpoken};
};
INSTANTIATE_TEST_SUITE_P(All, Transcribers,
                         testing::Values(TranscriptOutput::ctc, TranscriptOutput::transducer,
                                         TranscriptOutput::attention),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST_P(Transcribers, GradientsAgreeWithDifferences) { expect_gradients(case_.mean_loss(), case_.values(), 1e-3); }

TEST_P(Transcribers, ABatchLosesWhatItsRecordsLoseAlone) {
  LossSum alone;
  for (const std::size_t record : case_.batch) alone += case_.loss({record});
  EXPECT_NEAR(case_.loss(case_.batch).nats, alone.nats, 1e-5);
  // Records, or tokens and ends.
  EXPECT_EQ(alone.predictions, GetParam() == TranscriptOutput::attention ? 10U : 3U);
}

TEST_P(Transcribers, AreTheSameFromAModelFile) {
  const auto copy = Network::load("transcribe", case_.network->configuration());
  copy->parameters().allocate();
  std::ranges::copy(case_.network->parameters().values(), copy->parameters().values().begin());
  const auto outputs = [&](const Network& network) {
    std::vector<Output> all(3);
    predict(network, *case_.records, {}, [&](std::size_t record, Prediction&& prediction) {
      all[record] = std::get<TextPrediction>(prediction).outputs.front();
    });
    return all;
  };
  const std::vector<Output> one = outputs(*case_.network), other = outputs(*copy);
  for (std::size_t record = 0; record < 3; ++record) {
    EXPECT_EQ(one[record].text, other[record].text);
    EXPECT_EQ(one[record].score, other[record].score);
  }
}

TEST_P(Transcribers, AreMeasuredByErrorRates) {
  const auto metrics = case_.metrics(*case_.records);
  EXPECT_EQ(metrics["records"], 3);
  EXPECT_EQ(metrics["words"], 4);
  for (const char* name : {"wer", "cer", "ser", "substitutions", "deletions", "insertions", "loss", "worst"}) {
    EXPECT_TRUE(metrics.contains(name)) << name;
  }
  EXPECT_FALSE(metrics["worst"].empty());
  const Evaluated evaluated = evaluate(*case_.network, *case_.records, case_.network->head().validation());
  EXPECT_STREQ(evaluated.measures->decisive()->name, "wer");
  EXPECT_FALSE(evaluated.measures->decisive()->higher_is_better);
}

TEST(CtcHead, RecordsWhoseTextDoesNotFitAreSaidAndLeftOut) {
  const RecordsCase c(transcriber(TranscriptOutput::ctc),
                      std::string(kSpoken) + "{\"audio\": [[1, 1], [2, 2]], \"text\": \"bb\"}\n");
  const Head& head = c.network->head();
  for (const std::size_t fits : {0U, 1U, 2U}) EXPECT_EQ(head.unlearnable(*c.records, fits), "");
  EXPECT_EQ(head.unlearnable(*c.records, 3),
            "\"bb\" takes 3 steps, one a token and one between two that are the same, and has 2");
  EXPECT_EQ(c.loss({3}).predictions, 0U);
  EXPECT_EQ(c.loss({3}).nats, 0);
  EXPECT_NEAR(c.loss(c.batch).nats, c.loss({0, 1, 2}).nats, 1e-5);
  EXPECT_EQ(c.loss(c.batch).predictions, 3U);
}

TEST(TransducerHead, ATextMayBeLongerThanWhatIsRead) {
  const RecordsCase c(transcriber(TranscriptOutput::transducer),
                      std::string(kSpoken) + "{\"audio\": [[1, 1]], \"text\": \"bb\"}\n");
  EXPECT_EQ(c.network->head().unlearnable(*c.records, 3), "");
  EXPECT_EQ(c.loss({3}).predictions, 1U);
  EXPECT_TRUE(std::isfinite(c.loss({3}).nats));
}

// Of a batch and of each record alone, and with any number of threads, the same is found.
TEST(TransducerHead, SearchesTheSameOnAnyThreads) {
  const RecordsCase c(transcriber(TranscriptOutput::transducer), kSpoken, 1.5F);
  PredictOptions options;
  options.decode.beam = options.decode.n_best = 4;
  const std::vector<std::string> one = c.predict(*c.records, options, OutputLines::numbered);
  EXPECT_EQ(one.size(), 12U);
  for (const std::size_t threads : {2U, 3U}) {
    const WithThreads several(threads);
    EXPECT_EQ(c.predict(*c.records, options, OutputLines::numbered), one);
  }
}

// A network whose output is its bias alone writes one token, at every step.
TEST(CtcHead, SaysWhenWordsWereSpoken) {
  for (const TokenizerKind kind : {TokenizerKind::character, TokenizerKind::word}) {
    const RecordsCase c(transcriber(TranscriptOutput::ctc, kind), kSpoken);
    const auto& text = field_as<TextField>(c.network->fields(), "text", "test");
    Parameters& parameters = c.network->parameters();
    std::ranges::fill(parameters.values(), 0.0F);
    for (const Parameters::Declaration& d : parameters.declarations()) {
      if (d.name == "output.bias")
        parameters.values()[d.offset + static_cast<std::size_t>(text.codec().encode("b").front())] = 3;
    }
    PredictOptions options;
    options.alignments = true;
    predict(*c.network, *c.records, options, [&](std::size_t record, Prediction&& prediction) {
      const auto& got = std::get<TextPrediction>(prediction);
      EXPECT_EQ(got.text(), "b");
      ASSERT_EQ(got.words.size(), 1U);
      EXPECT_EQ(got.words[0].word, "b");
      EXPECT_EQ(got.words[0].first, 0U);
      EXPECT_EQ(got.words[0].last, c.records->lengths[record] - 1);
    });
  }
}

}  // namespace
}  // namespace recur::transcriber_test
