// What guides a search, against a language model that is read token by token.
#include "infer/text_guide.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/temp_folder.h"
#include "kernels/softmax.h"
#include "recur/types/error.h"
#include "support/language.h"

namespace recur::text_guide_test {
namespace {

TextCodec codec_of(TokenizerKind kind, const std::string& text) {
  TextCodec::Builder builder(CodecOptions{.kind = kind, .words = {}});
  builder.add(text);
  return builder.build();
}

// A language model of a text with random weights.
struct Language {
  Language(TokenizerKind kind, const std::string& text) {
    LanguageModelOptions options;
    options.cell = "gru";
    options.layers = 1;
    options.hidden = 4;
    options.tokenizer = kind;
    const InputFile file(folder.write("text", text));
    network = std::make_unique<Network>(learn_task(options, file, nullptr));
    TrainingOptions training;
    training.initial_range = 0.8F;
    network->start(training);
    stepper = std::make_shared<const NetworkStepper>(step_network(*network));
  }
  // log p of the tokens of a line, its end among them, after the end of another.
  double log_p(std::vector<int> tokens, int line_end) const {
    NetworkStream stream(stepper);
    std::vector<float> logits(stepper->vocabulary());
    double sum = 0;
    tokens.push_back(line_end);
    int before = line_end;
    for (const int token : tokens) {
      stream.step(before, logits);
      log_softmax(logits);
      sum += static_cast<double>(logits[static_cast<std::size_t>(token)]);
      before = token;
    }
    return sum;
  }

  TempFolder folder;
  std::unique_ptr<Network> network;
  std::shared_ptr<const NetworkStepper> stepper;
};

// The whole score of a text that is appended token by token; nothing where some token may not be.
std::optional<double> whole(TextGuide& guide, const std::vector<int>& tokens) {
  std::size_t text = guide.begin();
  double sum = 0;
  for (const int token : tokens) {
    const std::optional<double> more = guide.score(text, token);
    if (!more) return {};
    sum += *more;
    text = guide.append(text, token);
  }
  const std::optional<double> end = guide.end(text);
  return end ? std::optional(sum + *end) : std::nullopt;
}

TEST(TextGuide, AddsTheLanguageModelsProbabilityAndABonusForEachWord) {
  for (const TokenizerKind of_model : {TokenizerKind::character, TokenizerKind::word}) {
    const Language language(of_model, "ab b\nb ab\n");
    const Tokenizer& tokenizer = tokenizer_of(*language.network);
    const std::vector<int> line = tokenizer.encode_prompt("b ab b");
    const int line_end = *tokenizer.vocabulary().id(of_model == TokenizerKind::word ? "<eos>" : "\n");
    for (const TokenizerKind of_text : {TokenizerKind::character, TokenizerKind::word}) {
      const TextCodec codec = codec_of(of_text, "b ab b");
      TextGuide guide(codec, {language.stepper, &tokenizer, 0.5, 2, {}});
      const std::optional<double> score = whole(guide, codec.encode("b ab b"));
      ASSERT_TRUE(score);
      EXPECT_NEAR(*score, 0.5 * language.log_p(line, line_end) + 3 * 2, 1e-5);
    }
  }
}

TEST(TextGuide, WhatALanguageModelDoesNotKnowIsAsProbableAsAnything) {
  const Language language(TokenizerKind::word, "ab b\nb ab\n");
  const TextCodec codec = codec_of(TokenizerKind::word, "zz");
  TextGuide guide(codec, {language.stepper, &tokenizer_of(*language.network), 1, 0, {}});
  const std::size_t text = guide.begin();
  const int token = codec.encode("zz").front();
  EXPECT_EQ(guide.score(text, token), 0);  // a word ends later
  EXPECT_LE(*guide.end(guide.append(text, token)), -std::log(3.0));
}

TEST(TextGuide, OnlyWordsOfTheLexiconAreWritten) {
  const TempFolder folder;
  const std::vector<std::string> lexicon = read_lexicon(folder.write("words", "bab\tB AE B\n ab  2\n\nbab\n"));
  EXPECT_EQ(lexicon, (std::vector<std::string>{"ab", "bab"}));
  EXPECT_THROW(read_lexicon(folder.write("none", " \n\n")), Error);
  const TextCodec codec = codec_of(TokenizerKind::character, "bab ab c");
  TextGuide guide(codec, {nullptr, nullptr, 0, 1, lexicon});
  for (const char* allowed : {"bab ab", "ab", "", " ab  bab "})
    EXPECT_TRUE(whole(guide, codec.encode(allowed))) << allowed;
  for (const char* forbidden : {"ba", "b ab", "abb", "c", "ab ba"}) {
    EXPECT_FALSE(whole(guide, codec.encode(forbidden))) << forbidden;
  }
  EXPECT_EQ(whole(guide, codec.encode("bab ab")), 2);
}

TEST(TextGuide, RefusesALanguageModelOfOtherTokens) {
  const Language language(TokenizerKind::byte, "ab b\nb ab\n");
  const TextCodec codec = codec_of(TokenizerKind::character, "ab");
  EXPECT_THROW(TextGuide(codec, {language.stepper, &tokenizer_of(*language.network), 1, 0, {}}), Error);
}

}  // namespace
}  // namespace recur::text_guide_test
