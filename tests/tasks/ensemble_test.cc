// Targets that are scored, and models that predict together, against each alone.
#include "tasks/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/types/error.h"
#include "support/error_of.h"
#include "support/translators.h"

namespace recur::ensemble_test {
namespace {

std::vector<Prediction> predictions(const std::vector<const Network*>& networks, const Records& records,
                                    const PredictOptions& options = {}) {
  std::vector<Prediction> all(records.size());
  predict(Ensemble(networks), records, options,
          [&](std::size_t record, Prediction&& prediction) { all[record] = std::move(prediction); });
  return all;
}

PredictOptions scoring() {
  PredictOptions options;
  options.score = options.tokens = true;
  return options;
}

TEST(Score, IsTheLossOfTheTargets) {
  for (const Attention attention : {Attention::none, Attention::additive, Attention::general}) {
    const Trainee t(letters(attention, true, "lstm", 2));
    const auto records = t.read("abca\tyx\nbca\tzq\nc\tx\n", true);
    const std::vector<Prediction> scores = predictions({t.network.get()}, *records, scoring());
    for (std::size_t i = 0; i < records->size(); ++i) {
      const TextScore& score = std::get<TextScore>(scores[i]);
      EXPECT_NEAR(score.nats, t.nats(*records, {i}), 2e-5);
      double sum = 0;
      for (const TokenScore& token : score.of) sum += token.nats;
      EXPECT_DOUBLE_EQ(sum, score.nats);
    }
    const TextScore& of_unknown = std::get<TextScore>(scores[1]);
    EXPECT_EQ(of_unknown.tokens, 3U);
    EXPECT_EQ(of_unknown.unknown, 1U);
    EXPECT_EQ(of_unknown.of[0].token, "z");
    EXPECT_EQ(of_unknown.of[1].token, "<unk>");
    EXPECT_EQ(of_unknown.of[2].token, "</s>");
  }
}

TEST(Ensemble, OfAModelWithItselfSaysWhatItSays) {
  for (const Attention attention : {Attention::none, Attention::additive}) {
    const Trainee t(letters(attention, true));
    t.prefer_letters();
    const auto records = t.read("abcab\tx\ncb\ty\nbbb\tz\na\tx\n", true);
    PredictOptions options;
    options.decode.beam = options.decode.n_best = 3;
    options.alignments = attention != Attention::none;
    const Network* one = t.network.get();
    const std::vector<Prediction> alone = predictions({one}, *records, options),
                                  together = predictions({one, one}, *records, options);
    for (std::size_t i = 0; i < records->size(); ++i) {
      const auto &a = std::get<TextPrediction>(alone[i]), &b = std::get<TextPrediction>(together[i]);
      ASSERT_EQ(a.outputs.size(), b.outputs.size());
      for (std::size_t j = 0; j < a.outputs.size(); ++j) {
        EXPECT_EQ(a.outputs[j].text, b.outputs[j].text);
        EXPECT_EQ(a.outputs[j].score, b.outputs[j].score);
      }
      EXPECT_EQ(a.alignment.weights, b.alignment.weights);
    }
    const Network* const twice[] = {one, one};
    EXPECT_NEAR(evaluate(Ensemble(twice), *records, options).loss.nats, t.nats(*records, {0, 2, 1, 3}), 1e-4);
  }
}

TEST(Ensemble, OfDecodersGivesEachTokenTheMeanOfItsProbabilities) {
  const Trainee a(letters(Attention::additive, true)), b(letters(Attention::none, false, "lstm"), kPairs, 9);
  check_alike(*a.network, *b.network);
  const auto of = [&](const std::vector<const Network*>& networks) {
    std::vector<double> probabilities;
    for (const Prediction& p : predictions(networks, *a.records, scoring())) {
      for (const TokenScore& token : std::get<TextScore>(p).of) probabilities.push_back(std::exp(-token.nats));
    }
    return probabilities;
  };
  const std::vector<double> first = of({a.network.get()}), second = of({b.network.get()}),
                            both = of({a.network.get(), b.network.get()});
  double nats = 0;
  for (std::size_t i = 0; i < both.size(); ++i) {
    EXPECT_NEAR(both[i], (first[i] + second[i]) / 2, 1e-6);
    nats -= std::log(both[i]);
  }
  const Network* const networks[] = {a.network.get(), b.network.get()};
  EXPECT_NEAR(evaluate(Ensemble(networks), *a.records, std::nullopt).loss.nats, nats, 1e-9);
}

TEST(Ensemble, OfClassifiersGivesEachLabelTheMeanOfItsProbabilities) {
  ClassifyOptions options;
  options.network = {.layers = 1, .hidden = 3};
  options.embedding = 2;
  const std::string data = "a\tx y\nb\ty z x\nc\tx\n";
  const RecordsCase first(options, data), second(options, data, 0.7F, 5);
  check_alike(*first.network, *second.network);
  const auto of = [&](const std::vector<const Network*>& networks, std::size_t record, const std::string& label) {
    const std::vector<Prediction> all = predictions(networks, *first.records);
    const auto& labels = std::get<LabelPrediction>(all[record]).labels;
    return std::ranges::find(labels, label, &Probability::label)->probability;
  };
  double nats = 0;
  for (std::size_t record = 0; record < 3; ++record) {
    for (const std::string label : {"a", "b", "c"}) {
      const float mean = (of({first.network.get()}, record, label) + of({second.network.get()}, record, label)) / 2;
      const float both = of({first.network.get(), second.network.get()}, record, label);
      EXPECT_NEAR(both, mean, 1e-6F);
      if (label == std::string(1, "abc"[record])) nats -= std::log(static_cast<double>(both));
    }
  }
  const Network* const networks[] = {first.network.get(), second.network.get()};
  EXPECT_NEAR(evaluate(Ensemble(networks), *first.records, std::nullopt).loss.nats, nats, 1e-6);
}

// Temperatures are for what is told: a model with itself loses what it loses alone.
TEST(Ensemble, LosesBeforeTemperatures) {
  for (const LabelCount count : {LabelCount::one, LabelCount::several}) {
    ClassifyOptions options;
    options.network = {.layers = 1, .hidden = 3};
    options.embedding = 2;
    options.labels = count;
    const RecordsCase c(options, "a\tx y\nb\ty z x\na\tx\nb\tz\na\tz x\n");
    auto& head = dynamic_cast<FittedHead&>(c.network->head());
    fit_and_evaluate(*c.network, head, *c.records, {});
    ASSERT_NE(head.inverse_temperature(), 1);
    const Network* const alone[] = {c.network.get()};
    const Network* const twice[] = {c.network.get(), c.network.get()};
    const auto nats = [&](std::span<const Network* const> networks) {
      return evaluate(Ensemble(networks), *c.records, std::nullopt).loss.nats;
    };
    EXPECT_NEAR(nats(twice), nats(alone), 1e-5);
  }
}

// Whoever is asked first, the same labels are chosen.
TEST(Ensemble, OfSeveralLabelsHasNoOrder) {
  ClassifyOptions options;
  options.network = {.layers = 1, .hidden = 3};
  options.embedding = 2;
  options.labels = LabelCount::several;
  const std::string data = "a,b\tx y\n\ty z x\na\tx\n";
  const RecordsCase first(options, data), second(options, data, 0.7F, 5);
  for (const RecordsCase* one : {&first, &second}) {
    fit_and_evaluate(*one->network, dynamic_cast<FittedHead&>(one->network->head()), *first.records, {});
  }
  const auto chosen = [&](const std::vector<const Network*>& networks) {
    std::vector<std::vector<std::string>> all;
    for (const Prediction& p : predictions(networks, *first.records))
      all.push_back(std::get<LabelsPrediction>(p).chosen);
    return all;
  };
  EXPECT_EQ(chosen({first.network.get(), second.network.get()}), chosen({second.network.get(), first.network.get()}));
}

TEST(Ensemble, RefusesModelsThatDoNotFit) {
  const Trainee t(letters(Attention::none, false));
  const auto refusal = [&](const Network& other) { return error_of([&] { check_alike(*t.network, other); }); };
  const Trainee letters_more(letters(Attention::none, false), "abca\tyxw\nb\ty\n");
  EXPECT_NE(refusal(*letters_more.network).find("learned of the field \"target\""), std::string::npos);
  TranslateOptions reversed = letters(Attention::none, false);
  reversed.reverse_source = true;
  EXPECT_NE(refusal(*Trainee(reversed).network).find("--reverse-source"), std::string::npos);
  ClassifyOptions classify;
  classify.network = {.layers = 1, .hidden = 3};
  const RecordsCase classifier(classify, "a\tx\nb\ty\n");
  EXPECT_NE(refusal(*classifier.network).find("its task is classify"), std::string::npos);
  ClassifyOptions several = classify;
  several.labels = LabelCount::several;
  const RecordsCase labeler(several, "a\tx\nb\ty\n");
  EXPECT_NE(error_of([&] { check_alike(*classifier.network, *labeler.network); }).find("answers in another way"),
            std::string::npos);
  TagOptions tag;
  tag.network = {.layers = 1, .hidden = 3};
  const RecordsCase tagger(tag, "the D\ncat N\n\na D\n\n");
  EXPECT_NE(error_of([&] { check_alike(*tagger.network, *tagger.network); }).find("predict alone"), std::string::npos);
}

TEST(Contain, OutputsHaveTheWords) {
  const Trainee t(letters(Attention::additive, true));
  t.prefer_letters();
  PredictOptions options;
  options.decode.contain = {"zz", "xy"};
  for (const std::string& output : t.predict("abcab\ncb\n", options)) {
    EXPECT_NE(output.find("zz"), std::string::npos) << output;
    EXPECT_NE(output.find("xy"), std::string::npos) << output;
  }
  options.decode.contain = {"q"};
  EXPECT_NE(error_of([&] { t.predict("a\n", options); }).find("--contain"), std::string::npos);
  options.decode.contain = {"zz", "xy"};
  options.decode.max_output = 4;
  EXPECT_NE(error_of([&] { t.predict("a\n", options); }).find("--max-output, 4"), std::string::npos);
}

TEST(Sample, FollowsFromTheSeedAndTheSourceAlone) {
  const Trainee t(letters(Attention::additive, true));
  t.prefer_letters();
  PredictOptions options;
  options.decode.sample = true;
  options.decode.n_best = 3;
  const std::vector<std::string> all = t.predict("abcab\ncb\na\n", options), alone = t.predict("cb\n", options);
  ASSERT_EQ(all.size(), 9U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all[3 + i].substr(2), alone[i].substr(2));
  options.seed = 2;
  EXPECT_NE(t.predict("abcab\ncb\na\n", options), all);
  options.decode.contain = {"x"};
  EXPECT_NE(error_of([&] { t.predict("a\n", options); }).find("--sample"), std::string::npos);
}

}  // namespace
}  // namespace recur::ensemble_test
