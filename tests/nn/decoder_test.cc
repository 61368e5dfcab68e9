// A decoder step by step, as beam search runs it, gives what it gives for whole outputs at once.
#include "nn/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "recur/types/error.h"
#include "support/settings.h"

namespace recur::decoder_test {
namespace {

constexpr std::size_t kVocabulary = 11;

struct Case {
  Attention attention;
  const char* cell;
  std::size_t layers;
  bool bidirectional;  // the encoder
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* cell : {"gru", "lstm", "qrnn"}) {
    for (const std::size_t layers : {1U, 2U}) {
      for (const Attention attention : {Attention::none, Attention::additive, Attention::dot, Attention::general}) {
        const bool window = std::string(cell) == "qrnn";
        if (window && attention != Attention::none) continue;
        all.push_back({attention, cell, layers, false});
        if (attention != Attention::dot) all.push_back({attention, cell, layers, true});
      }
    }
  }
  return all;
}

// An encoder and a decoder with random parameters, and three sources of unequal lengths that were read.
struct Pair {
  explicit Pair(const Case& c, const OutputOptions& softmax = {}, std::size_t embedding = 5, bool tied = false) {
    RecurrentOptions network{.cell = c.cell, .layers = c.layers, .hidden = 6, .bidirectional = c.bidirectional};
    encoder.emplace(network, EmbeddingOptions{4, 0}, kVocabulary, parameters, "encoder.");
    network.bidirectional = false;
    decoder.emplace(DecoderOptions{network, {embedding, 0}, {c.attention, 7}, softmax, tied}, encoder->layers(),
                    kVocabulary, parameters, "decoder.");
    parameters.allocate();
    parameters.initialise(3, 0.9F);
    StackState state(encoder->layers().state_layout(), sources.batch());
    encoding = {encoder->run(run(), read, sources, state, {.keep_last = true}), &sources};
  }

  Run run() { return {tape, parameters, Noise::silent()}; }

  Steps sources = Steps::from_lengths(std::vector<std::size_t>{5, 3, 1});
  std::vector<int> read = {3, 4, 5, 6, 7, 8, 9, 1, 10};
  Tape tape{false};
  Parameters parameters;
  std::optional<EmbeddedStack> encoder;
  std::optional<Decoder> decoder;
  Encoding encoding;
};

// log p(next token) of an output of one source at every step, as training computes them: [steps, vocabulary].
std::vector<float> forced(Pair& pair, const std::vector<int>& tokens, std::size_t source) {
  const Steps steps = Steps::rectangle(1, tokens.size());
  const Var hidden = pair.decoder->forward(pair.run(), tokens, steps, pair.encoding, std::span(&source, 1)).output;
  const Matrix scores = pair.tape.value(pair.decoder->output().log_probabilities(pair.run(), hidden));
  return {scores.data, scores.data + scores.rows * scores.columns};
}

// Which output each continues, and with which token. An output ends, one is continued twice, sources mix.
struct Move {
  std::vector<std::size_t> from;
  std::vector<int> tokens;
};
const std::vector<Move> kMoves = {{{0, 1, 2}, {1, 1, 1}},
                                  {{0, 0, 1, 2}, {4, 5, 6, 7}},
                                  {{3, 1, 0, 1, 2}, {3, 9, 3, 8, 10}},
                                  {{1, 3}, {2, 7}},
                                  {{1, 0, 1}, {5, 5, 6}}};

void expect_stream_follows(Pair& pair, bool looks) {
  struct Followed {
    std::size_t source;
    std::vector<int> tokens;
  };
  std::vector<Followed> outputs = {{0, {}}, {1, {}}, {2, {}}};
  Decoder::Stream stream(*pair.decoder, pair.parameters, pair.tape, pair.encoding);
  for (const Move& move : kMoves) {
    std::vector<Followed> next;
    for (std::size_t i = 0; i < move.from.size(); ++i) {
      next.push_back(outputs[move.from[i]]);
      next.back().tokens.push_back(move.tokens[i]);
    }
    outputs = std::move(next);
    const Decoder::Stream::Step step = stream.step(move.tokens, move.from);
    ASSERT_EQ(step.log_probabilities.rows, outputs.size());
    ASSERT_EQ(step.alignment.size(), looks ? outputs.size() : 0U);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::vector<float> expected = forced(pair, outputs[i].tokens, outputs[i].source);
      const float* last = expected.data() + expected.size() - kVocabulary;
      for (std::size_t token = 0; token < kVocabulary; ++token) {
        EXPECT_NEAR(step.log_probabilities.data[i * step.log_probabilities.stride + token], last[token], 2e-5F)
            << "output " << i << " after " << outputs[i].tokens.size() << " tokens";
      }
      if (!looks) continue;
      EXPECT_EQ(step.alignment[i].size(), pair.sources.length_of(outputs[i].source));
      EXPECT_NEAR(std::accumulate(step.alignment[i].begin(), step.alignment[i].end(), 0.0F), 1.0F, 1e-5F);
    }
  }
}

class Decoders : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Decoders, testing::ValuesIn(cases()), [](const auto& test) {
  const Case& c = test.param;
  return std::string(to_string(c.attention)) + "_" + c.cell + std::to_string(c.layers) +
         (c.bidirectional ? "_both" : "_one");
});

TEST_P(Decoders, StreamGivesTheProbabilitiesOfWholeOutputs) {
  const WithThreads one(1);
  Pair pair(GetParam());
  expect_stream_follows(pair, GetParam().attention != Attention::none);
}

TEST(DecoderOptionsTogether, StreamGivesTheProbabilitiesOfWholeOutputs) {
  const WithThreads one(1);
  const Case additive{Attention::additive, "gru", 2, true}, none{Attention::none, "lstm", 2, true};
  Pair adaptive(additive, {Softmax::adaptive, {3, 6}});
  expect_stream_follows(adaptive, true);
  Pair tied(additive, {}, 6, true);
  expect_stream_follows(tied, true);
  Pair one_hot(none, {}, 0);
  expect_stream_follows(one_hot, false);
}

// Rows of a batch of outputs, in another order than their sources, are what each is alone.
TEST(DecoderBatch, RowsDoNotDisturbEachOther) {
  const WithThreads one(1);
  for (const Case& c : cases()) {
    Pair pair(c);
    const std::vector<std::vector<int>> outputs = {{1, 4, 5, 6}, {1, 7, 8}, {1, 3, 9}, {1}};
    const std::vector<std::size_t> source_of = {2, 0, 1, 0}, lengths = {4, 3, 3, 1};
    const Steps steps = Steps::from_lengths(lengths);
    std::vector<int> tokens;
    for (std::size_t t = 0; t < steps.length(); ++t) {
      for (std::size_t row = 0; row < steps.rows(t); ++row) tokens.push_back(outputs[row][t]);
    }
    const Var hidden = pair.decoder->forward(pair.run(), tokens, steps, pair.encoding, source_of).output;
    const Matrix together = pair.tape.value(pair.decoder->output().log_probabilities(pair.run(), hidden));
    for (std::size_t row = 0; row < outputs.size(); ++row) {
      const std::vector<float> alone = forced(pair, outputs[row], source_of[row]);
      for (std::size_t t = 0; t < lengths[row]; ++t) {
        const float* of_step = together.data + (steps.offset(t) + row) * together.stride;
        for (std::size_t token = 0; token < kVocabulary; ++token) {
          EXPECT_NEAR(of_step[token], alone[t * kVocabulary + token], 2e-5F)
              << to_string(c.attention) << " " << c.cell << " row " << row << " step " << t;
        }
      }
    }
  }
}

std::span<float> parameter(Parameters& parameters, const std::string& name) {
  for (const Parameters::Declaration& d : parameters.declarations()) {
    if (d.name == name) return parameters.values().subspan(d.offset, d.size);
  }
  return {};
}

// Given the encoder's weights, a decoder without attention goes on where the encoder ended.
TEST(DecoderStart, CopiesTheStatesOfAnEncoderInOneDirection) {
  const WithThreads one(1);
  for (const char* cell : {"gru", "lstm"}) {
    Pair pair({Attention::none, cell, 2, false}, {}, 4);
    for (const Parameters::Declaration& d : pair.parameters.declarations()) {
      if (!d.name.starts_with("encoder.")) continue;
      const std::span<float> to = parameter(pair.parameters, "decoder." + d.name.substr(8));
      ASSERT_EQ(to.size(), d.size) << d.name;
      std::ranges::copy(pair.parameters.values().subspan(d.offset, d.size), to.begin());
    }
    const std::vector<int> source = {3, 6, 8, 1, 10}, output = {1, 4, 7}, both = {3, 6, 8, 1, 10, 1, 4, 7};
    const std::size_t first = 0;
    const auto encode = [&](const std::vector<int>& tokens, const Steps& steps) {
      StackState state(pair.encoder->layers().state_layout(), 1);
      return pair.encoder->run(pair.run(), tokens, steps, state, {.keep_last = true});
    };
    const Steps of_source = Steps::rectangle(1, 5), of_output = Steps::rectangle(1, 3),
                of_both = Steps::rectangle(1, 8);
    const Encoding encoding{encode(source, of_source), &of_source};
    const Matrix expected = pair.tape.value(encode(both, of_both).output);
    const Matrix got =
        pair.tape.value(pair.decoder->forward(pair.run(), output, of_output, encoding, std::span(&first, 1)).output);
    for (std::size_t i = 0; i < 3 * got.columns; ++i) {
      EXPECT_NEAR(got.data[i], expected.data[5 * expected.columns + i], 1e-5F) << cell;
    }
  }
}

// Otherwise they are made of what was read last, by tanh: 1 for anything large.
TEST(DecoderStart, IsMadeByALayerOfTanh) {
  const WithThreads one(1);
  for (const Attention attention : {Attention::none, Attention::additive, Attention::general}) {
    Pair pair({attention, "gru", 1, true});
    const std::span<float> bias = parameter(pair.parameters, "decoder.start.0.0.bias");
    ASSERT_EQ(bias.size(), 6U);
    const std::vector<float> usual = forced(pair, {1, 4}, 0);
    std::ranges::fill(bias, 50.0F);
    const std::vector<float> large = forced(pair, {1, 4}, 0);
    std::ranges::fill(bias, 500.0F);
    EXPECT_NE(usual, large);
    EXPECT_EQ(forced(pair, {1, 4}, 0), large);
  }
}

TEST(DecoderRefused, NameTheirFlag) {
  const auto refusal = [](const Case& c, std::size_t embedding, bool tied, Softmax softmax) -> std::string {
    try {
      Pair pair(c, {softmax, {}, 512}, embedding, tied);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const Case additive{Attention::additive, "gru", 1, true}, dot{Attention::dot, "gru", 1, true};
  EXPECT_TRUE(refusal(additive, 0, false, Softmax::full).starts_with("--embedding"));
  EXPECT_NE(refusal(additive, 5, true, Softmax::full).find("--embedding 6 (it is 5)"), std::string::npos);
  EXPECT_TRUE(refusal(dot, 5, false, Softmax::full).starts_with("--attention dot"));
  EXPECT_NE(refusal(additive, 6, true, Softmax::adaptive).find("--tied"), std::string::npos);
  EXPECT_EQ(refusal(additive, 6, true, Softmax::sampled), "accepted");
}

}  // namespace
}  // namespace recur::decoder_test
