// A classifier that starts from a language model.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/temp_folder.h"
#include "recur/types/error.h"
#include "support/language.h"
#include "tasks/transfer.h"

namespace recur::classifier_start_test {
namespace {

std::unique_ptr<Records> read_from(const Network& network, const InputFile& file, const ReadOptions& options) {
  return read_records(network.fields(), {file, {}}, options);
}

// The words are w0, w1, ..
class FromLanguageModel : public testing::Test {
 protected:
  FromLanguageModel() {
    LanguageModelOptions o;
    o.cell = "gru";
    o.layers = 2;
    o.hidden = 3;
    o.embedding = 2;
    language = test_network(o, 5);
    file.emplace(folder.write("d.tsv", "a\tw1 w2\nb\tw3 strange\na\tw4\n"));
    options.pooling = Pooling::attention;
    classifier = started(*file, *language);
  }
  std::unique_ptr<Network> started(const InputFile& data, const Network& from) const {
    ClassifyOptions own = options;
    own.network = *from.options().as<LanguageModelOptions>();
    own.embedding = from.options().as<LanguageModelOptions>()->embedding;
    auto network = std::make_unique<Network>(learn_task(own, {data, {}}, {}, &from));
    network->start({});
    take_parameters(*network, from, "lm");
    return network;
  }
  TempFolder folder;
  ClassifyOptions options;
  std::unique_ptr<Network> language;
  std::optional<InputFile> file;
  std::unique_ptr<Network> classifier;
};

TEST_F(FromLanguageModel, EmbeddingAndLayersAreCopied) {
  EXPECT_EQ(classifier->stacks()[0].second->options().cell, "gru");
  const Parameters &from = language->parameters(), &to = classifier->parameters();
  std::size_t copied = 0;
  for (const Parameters::Declaration& d : to.declarations()) {
    const auto same = std::ranges::find(from.declarations(), d.name, &Parameters::Declaration::name);
    if (same == from.declarations().end() || d.name.starts_with("output")) continue;
    if (d.name == "embedding.weight") continue;
    ASSERT_EQ(d.shape, same->shape);
    const float* const values = from.value(0) + same->offset;
    EXPECT_TRUE(std::equal(values, values + same->size, to.value(0) + d.offset)) << d.name;
    ++copied;
  }
  EXPECT_EQ(copied, 8U);  // four of each layer
}

// One-hot, the table is the layers' input weight; over a window, one for each delay.
// The vocabulary is <unk>, <s>, </s>, w0 .. w3, and w4 and strange, of <eos> and w0 .. w3.
TEST_F(FromLanguageModel, NewWordsAreTheMeanOfTheOthers) {
  struct Case {
    const char* cell;
    std::size_t embedding, delays;
    const char* table;
  };
  for (const Case& c : {Case{"gru", 2, 1, "embedding.weight"}, Case{"gru", 0, 1, "rnn.weight_ih_l0"},
                        Case{"tdnn", 0, 3, "rnn.weight_ih_l0"}}) {
    LanguageModelOptions o;
    o.cell = c.cell;
    o.hidden = 3;
    o.window = c.delays == 1 ? 0 : c.delays;
    o.embedding = c.embedding;
    const auto from = test_network(o, 5);
    const auto to = started(*file, *from);
    const auto table_of = [&](const Parameters& parameters) {
      const auto d = std::ranges::find(parameters.declarations(), c.table, &Parameters::Declaration::name);
      return std::span(parameters.value(0) + d->offset, d->size);
    };
    const std::span<const float> old = table_of(from->parameters()), grown = table_of(to->parameters());
    const std::size_t width = old.size() / 5 / c.delays;
    constexpr int kFrom[] = {-1, 0, 0, 1, 2, 3, 4, -1, -1};
    ASSERT_EQ(grown.size(), 9 * c.delays * width) << c.cell;
    for (std::size_t delay = 0; delay < c.delays; ++delay) {
      for (std::size_t i = 0; i < width; ++i) {
        double sum = 0;
        for (std::size_t token = 0; token < 5; ++token) {
          sum += static_cast<double>(old[(delay * 5 + token) * width + i]);
        }
        for (std::size_t token = 0; token < 9; ++token) {
          const int row = kFrom[token];
          const float wanted =
              row < 0 ? static_cast<float>(sum / 5) : old[(delay * 5 + static_cast<std::size_t>(row)) * width + i];
          EXPECT_EQ(grown[(delay * 9 + token) * width + i], wanted) << c.cell << " " << token;
        }
      }
    }
  }
}

// A text of which the language model knows no word has a label, too.
TEST_F(FromLanguageModel, TextsOfNewWordsAreRead) {
  const InputFile strange(folder.write("s.tsv", "a\tnew words\nb\tw1\n"));
  EXPECT_EQ(read_from(*classifier, strange, {})->lengths, (std::vector<std::uint32_t>{2, 1}));
  ReadOptions unlabelled;
  unlabelled.answers = false;
  EXPECT_EQ(read_from(*classifier, InputFile(folder.write("p", "new words\n")), unlabelled)->size(), 1U);
}

// Such a model of an older file, whose vocabulary is the language model's and has no <unk>, leaves them out.
TEST_F(FromLanguageModel, WithoutUnknownWordsTellsTheReason) {
  nlohmann::json configuration = classifier->configuration();
  configuration["text"] = language->configuration()["tokenizer"];
  configuration["text"]["specials"] = false;
  const auto older = Network::load("classify", configuration);
  const InputFile strange(folder.write("s.tsv", "a\tnew words\n"));
  try {
    read_from(*older, strange, {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what())
                    .ends_with("s.tsv: line 1: the model knows no word of the text, and has no <unk>; train it again"))
        << error.what();
  }
  ReadOptions unlabelled;
  unlabelled.answers = false;
  const auto records = read_from(*older, InputFile(folder.write("p", "new words\nw1 new\n")), unlabelled);
  EXPECT_EQ(records->lengths, std::vector<std::uint32_t>{1});
  EXPECT_EQ(records->empty_before, std::vector<std::size_t>{0});
}

TEST_F(FromLanguageModel, OfNumbersTakesWhatIsNotAboutWords) {
  const InputFile numbers(folder.write("n.json", R"({"label": "a", "sequence": [[1, 100], [3, 4]]})"
                                                 "\n"
                                                 R"({"label": "b", "sequence": [[2, 1], [1, 4]]})"));
  const auto network = started(numbers, *language);
  const Parameters &from = language->parameters(), &to = network->parameters();
  const auto value = [](const Parameters& parameters, const char* name) {
    const auto d = std::ranges::find(parameters.declarations(), name, &Parameters::Declaration::name);
    return parameters.value(0)[d->offset];
  };
  EXPECT_EQ(value(from, "rnn.weight_hh_l1"), value(to, "rnn.weight_hh_l1"));
}

// One-hot input has no table that word vectors could fill.
TEST_F(FromLanguageModel, WithoutAnEmbeddingTakesNoWordVectors) {
  LanguageModelOptions o;
  o.hidden = 3;
  o.embedding = 0;
  const auto one_hot = test_network(o, 5);
  options.vectors = folder.write("v.txt", "w1 1 2\n");
  EXPECT_THROW(started(*file, *one_hot), Error);
}

}  // namespace
}  // namespace recur::classifier_start_test
