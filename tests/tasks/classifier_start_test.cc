// A classifier that starts from a language model.
#include <gtest/gtest.h>

#include <optional>

#include "base/temp_folder.h"
#include "recur/error.h"
#include "support/language.h"
#include "tasks/classifier.h"

namespace recur {
namespace {

// The words are w1, w2, ..
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
    classifier = Classifier::build(options, *file, {}, language.get());
    classifier->start({}, language.get());
  }
  TempFolder folder;
  ClassifyOptions options;
  std::unique_ptr<LanguageNetwork> language;
  std::optional<InputFile> file;
  std::unique_ptr<Classifier> classifier;
};

TEST_F(FromLanguageModel, EmbeddingAndLayersAreCopied) {
  EXPECT_EQ(classifier->stacks()[0].second->options().cell, "gru");
  const Parameters &from = language->parameters(), &to = classifier->parameters();
  std::size_t copied = 0;
  for (const Parameters::Declaration& d : to.declarations()) {
    const auto same = std::ranges::find(from.declarations(), d.name, &Parameters::Declaration::name);
    if (same == from.declarations().end() || d.name.starts_with("output")) continue;
    ASSERT_EQ(d.shape, same->shape);
    EXPECT_TRUE(std::equal(to.value(0) + d.offset, to.value(0) + d.offset + d.size, from.value(0) + same->offset))
        << d.name;
    ++copied;
  }
  EXPECT_EQ(copied, 9U);  // the embedding, and four of each layer
}

TEST_F(FromLanguageModel, ItsVocabularyCannotBeOfNumbers) {
  const InputFile numbers(folder.write("n.json", R"({"label": "a", "sequence": [[1, 100]]})"));
  EXPECT_THROW(Classifier::build(options, numbers, {}, language.get()), Error);
}

// One-hot input has no table that word vectors could fill.
TEST_F(FromLanguageModel, WithoutAnEmbeddingTakesNoWordVectors) {
  LanguageModelOptions o;
  o.hidden = 3;
  o.embedding = 0;
  const auto one_hot = test_network(o, 5);
  options.vectors = folder.write("v.txt", "w1 1 2\n");
  EXPECT_THROW(Classifier::build(options, *file, {}, one_hot.get())->start({}, one_hot.get()), Error);
}

}  // namespace
}  // namespace recur
