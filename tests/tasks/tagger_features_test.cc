// Columns that stand beside words, and words that only a file of vectors has.
#include <gtest/gtest.h>

#include "data/source_case.h"
#include "data/words_field.h"
#include "support/error_of.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::tagger_features_test {
namespace {

constexpr const char* kSentences = "the D x O\nold J y B-x\ncats N y I-x\n\nthe D x O\ncat N x B-x\n\nold J x B-x\n";

TagOptions small(std::size_t features) {
  TagOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  o.words.min_count = 1;
  o.embedding = 2;
  o.letter_cell = "none";
  o.features = features;
  o.feature_embedding = 2;
  return o;
}

TEST(TagFeatures, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  RecordsCase t(small(2), kSentences);
  expect_gradients(t.mean_loss(), t.values(), 1e-3, 1, 0x1p-7F);
}

TEST(TagFeatures, AreReadBesideTheirWords) {
  RecordsCase c(small(2), kSentences, 2);
  const auto nats = [&](const std::string& text) { return c.nats(*c.read(text), {0}); };
  EXPECT_NE(nats("old J x O\n"), nats("old N x O\n"));
  EXPECT_NE(nats("old J x O\n"), nats("old J y O\n"));
  EXPECT_EQ(nats("old J NEW O\n"), nats("old J OTHER O\n")) << "values that training did not have are alike";
  EXPECT_EQ(nats("old J x more O\n"), nats("old J x O\n")) << "columns behind are not read";
  EXPECT_EQ(nats("{\"words\": [\"old\"], \"feature1\": [\"J\"], \"feature2\": [\"y\"], \"tags\": [\"O\"]}\n"),
            nats("old J y O\n"));
  EXPECT_EQ(c.network->describe()[1], (std::pair<std::string, std::string>("feature1", "6 values, embedding 2")));
}

TEST(TagFeatures, AreNeededInEveryLine) {
  RecordsCase c(small(2), kSentences);
  const auto message = [&](const std::string& text, bool answers) {
    const std::string all = error_of([&] { c.read(text, answers); });
    return all.substr(all.find(": ") + 2);
  };
  EXPECT_EQ(message("old J O\n", true),
            "line 1: expected a word, its feature1, its feature2 and its tag, got 3 columns");
  EXPECT_EQ(message("old\n", false),
            "line 1: expected a word, its feature1 and its feature2, the feature1 in column 2, got only \"old\"");
  EXPECT_EQ(message("{\"words\": [\"old\"], \"feature1\": [\"J\", \"N\"], \"feature2\": [\"y\"]}\n", false),
            "line 1: expected 1 feature1, as many as words, got 2");
  EXPECT_EQ(c.predict("old J x\n\ncat N x\n").size(), 3U);
}

TEST(TagFeatures, OfConlluStandBehindTheForm) {
  const std::vector<FieldRequest> fields = {
      {"words", CellKind::words}, {"feature1", CellKind::words}, {"tags", CellKind::words, true}};
  const std::string line = "1\tcats\tcat\tNOUN\tNNS\t_\t0\troot\t_\t_\n";
  const SourceCase c{fields};
  EXPECT_EQ(c.records(line), "[cats]|[cat]|[NOUN]\n");
  EXPECT_EQ(c.with_columns("feature1=UPOS,tags=XPOS").records(line), "[cats]|[NOUN]|[NNS]\n");
  EXPECT_EQ(c.with_columns("tags=LEMMA").problem(line),
            "--columns: column 3 is given for \"feature1\" and \"tags\"; expected a column for each");
}

TEST(TagVectors, AllWordsOfAFileAreKnown) {
  TagOptions o = small(0);
  o.words.min_count = 2;
  RecordsCase without(o, kSentences, 2);
  o.all_vectors = true;
  const TempFolder folder;
  o.vectors = folder.write("v.txt", "dog 1 2\nthe 3 4\ncats 5 6\ntwo words 7 8\n");
  RecordsCase c(o, kSentences, 2);
  const auto nats = [](const RecordsCase& of, const std::string& word) {
    return of.nats(*of.read(word + " O\n"), {0});
  };
  EXPECT_EQ(nats(without, "dog"), nats(without, "mouse"));
  EXPECT_NE(nats(c, "dog"), nats(c, "mouse"));
  EXPECT_NE(nats(c, "cats"), nats(c, "mouse")) << "of the data, but rare";
  EXPECT_EQ(c.network->vectors(), o.vectors + ": vectors for 3 of 7 words");
  // The rows are the file's.
  const auto& words = dynamic_cast<const WordsField&>(*c.network->fields()[0]).words();
  const float* row = c.network->parameters().value(*c.network->table()) + 2 * words.encode("dog")[0];
  EXPECT_EQ(row[0], 1);
  EXPECT_EQ(row[1], 2);
  o.vectors.clear();
  EXPECT_EQ(error_of([&] { RecordsCase(o, kSentences); }),
            "--all-vectors: of a file of word vectors; give --embeddings FILE");
}

}  // namespace
}  // namespace recur::tagger_features_test
