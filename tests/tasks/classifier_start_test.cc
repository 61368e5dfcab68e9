// A classifier that starts from a language model.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/temp_folder.h"
#include "recur/error.h"
#include "support/language.h"

namespace recur {
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
    auto network = std::make_unique<Network>(learn_task(options, {data, {}}, {}, &from));
    network->start({}, &from);
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
    if (d.name == "embedding.weight") {
      EXPECT_EQ(d.shape, (std::vector<std::int64_t>{6, 2})) << "<unk> is one more";
    } else {
      ASSERT_EQ(d.shape, same->shape);
    }
    const float* const values = from.value(0) + same->offset;
    EXPECT_TRUE(std::equal(values, values + same->size, to.value(0) + d.offset)) << d.name;
    ++copied;
  }
  EXPECT_EQ(copied, 9U);  // the embedding, and four of each layer
}

// One-hot, the table is the layers' input weight; over a window, one for each delay.
TEST_F(FromLanguageModel, UnknownWordsAreTheMeanOfTheOthers) {
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
    ASSERT_EQ(grown.size(), 6 * c.delays * width) << c.cell;
    for (std::size_t delay = 0; delay < c.delays; ++delay) {
      for (std::size_t i = 0; i < width; ++i) {
        double sum = 0;
        for (std::size_t token = 0; token < 5; ++token) {
          const float value = old[(delay * 5 + token) * width + i];
          EXPECT_EQ(grown[(delay * 6 + token) * width + i], value) << c.cell;
          sum += static_cast<double>(value);
        }
        EXPECT_FLOAT_EQ(grown[(delay * 6 + 5) * width + i], static_cast<float>(sum / 5)) << c.cell;
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

// Such a model of an older file, whose vocabulary has no <unk>, leaves them out.
TEST_F(FromLanguageModel, WithoutUnknownWordsTellsTheReason) {
  nlohmann::json configuration = classifier->configuration();
  configuration["text"].erase("unknown");
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

TEST_F(FromLanguageModel, ItsVocabularyCannotBeOfNumbers) {
  const InputFile numbers(folder.write("n.json", R"({"label": "a", "sequence": [[1, 100]]})"));
  EXPECT_THROW(started(numbers, *language), Error);
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
}  // namespace recur
