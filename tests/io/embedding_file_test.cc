#include "io/embedding_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "data/text_file.h"
#include "support/error_of.h"

namespace recur::embedding_file_test {
namespace {

EmbeddingTable table() {
  EmbeddingTable t;
  t.words = {"the", "漢", "3"};
  t.width = 2;
  t.vectors = {0.1F, -2e-30F, 3, 1.0F / 3, 0, -5e20F};
  t.counts = {9, 4, 4};
  t.letters = {3, 6};
  t.ngrams = {1, 0xFFFFFFFFFFFFFFFFU};
  t.ngram_vectors = {1, 2, 3, 4};
  t.options = R"({"embedding":2})";
  t.provenance = R"({"data":"x"})";
  return t;
}

TEST(EmbeddingFile, EveryFormatIsReadAsItWasWritten) {
  const TempFolder folder;
  const EmbeddingTable written = table();
  for (const char* name : {"v.safetensors", "v.vec", "v.txt", "v.bin"}) {
    SCOPED_TRACE(name);
    const std::string path = folder.file(name);
    save_embedding(path, written);
    const EmbeddingTable read = read_embedding(path);
    EXPECT_EQ(read.words, written.words);
    EXPECT_EQ(read.width, 2U);
    EXPECT_EQ(read.vectors, written.vectors);
    // As --embeddings of the other tasks reads it.
    std::vector<float> rows(4, 7.0F);
    const auto row_of = [](std::string_view word) { return word == "漢" ? 1 : word == "dog" ? 0 : -1; };
    EXPECT_EQ(read_word_vectors(path, 2, row_of, rows).filled, 1U);
    EXPECT_EQ(rows, (std::vector<float>{7, 7, 3, 1.0F / 3}));
    std::vector<float> wider(6);
    EXPECT_TRUE(contains(error_of([&] { read_word_vectors(path, 3, row_of, wider); }),
                         "expected 3 numbers, as --embedding says, got 2; give --embedding 2"));
  }
  const EmbeddingTable model = read_embedding(folder.file("v.safetensors"));
  EXPECT_EQ(model.counts, written.counts);
  EXPECT_EQ(model.ngrams, written.ngrams);
  EXPECT_EQ(model.ngram_vectors, written.ngram_vectors);
  EXPECT_EQ(model.letters.most, 6U);
  EXPECT_EQ(model.options, written.options);
  EXPECT_EQ(model.provenance, written.provenance);
}

TEST(EmbeddingFile, TextIsThatOfWord2vec) {
  const TempFolder folder;
  save_embedding(folder.file("v.vec"), table());
  EXPECT_EQ(folder.read("v.vec"), "3 2\nthe 0.1 -2e-30\n漢 3 0.33333334\n3 0 -5e+20\n");
}

TEST(EmbeddingFile, ReadsTextWithoutAHeader) {
  const TextFile file("the 1 2 3\ncat 4 5 6\nthe 7 8 9\n");
  const EmbeddingTable t = read_word_vectors(file.path());
  EXPECT_EQ(t.width, 3U);
  EXPECT_EQ(t.words, (std::vector<std::string>{"the", "cat"})) << "of several vectors of a word the first counts";
  EXPECT_EQ(t.vectors, (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(EmbeddingFile, OfWordVectorsMayHaveAnyName) {
  const TempFolder folder;
  const auto width = [&](const std::string& text) { return read_embedding(folder.write("glove.840B", text)).width; };
  EXPECT_EQ(width("the 1 2\ncat 3 4\n"), 2U);
  EXPECT_EQ(width("2 3\nthe 1 2 3\ncat 3 4 5\n"), 3U);
  EXPECT_TRUE(contains(error_of([&] { width("the year 1984\n"); }), "give a safetensors file"));
}

TEST(EmbeddingFile, OfWordVectorsIsToldByItsBeginning) {
  const auto begins = [](std::string_view text) { return begins_as_vectors(TextFile(text).path()); };
  EXPECT_TRUE(begins("2 3\nthe 1 2 3\n"));
  EXPECT_TRUE(
      begins("\xEF\xBB\xBF"
             "2 3\nthe 1 2 3\n"));
  EXPECT_TRUE(begins("\nthe +0.5 -1e-3\n"));
  EXPECT_TRUE(begins("a b 1 2\n"));
  EXPECT_FALSE(begins("the year 1984\n"));
  EXPECT_FALSE(begins("a nan inf\n"));
  EXPECT_FALSE(begins("2\n"));
  EXPECT_FALSE(begins(""));
}

TEST(EmbeddingFile, RefusesWhatIsWrong) {
  const auto message = [](std::string_view text) {
    const TextFile file(text);
    return error_of([&] { read_word_vectors(file.path()); });
  };
  EXPECT_TRUE(contains(message(""), "expected a word and its vector"));
  EXPECT_TRUE(contains(message("the\n"), "expected a word and its vector"));
  EXPECT_TRUE(contains(message("2 99999999999\nthe 1\n"), "line 1: vectors of 99999999999 numbers in "));
  EXPECT_TRUE(contains(message("the 1 2\ncat 1\ndog 2\n"), "line 2: expected 2 numbers, as its beginning has, got 1"));
  EXPECT_TRUE(
      contains(error_of([] { vectors_format("model.pt"); }), "model.pt: word vectors are written to .safetensors"));
}

TEST(EmbeddingFile, RefusesADamagedModel) {
  const TempFolder folder;
  const std::string path = folder.file("v.safetensors");
  const auto message = [&](const EmbeddingTable& t) {
    save_embedding(path, t);
    return error_of([&] { read_embedding(path); });
  };
  EmbeddingTable t = table();
  t.vectors[3] = std::nanf("");
  EXPECT_TRUE(contains(message(t), "tensor \"embedding.weight\": number 4 of 6 is nan"));
  t = table();
  t.counts.pop_back();
  EXPECT_TRUE(contains(message(t), "has not a count for each word"));
  EXPECT_EQ(message(table()), "");
  const SafetensorsFile whole(path);
  std::map<std::string, std::string> metadata = whole.metadata();
  metadata[kWordsEntry] = R"(["the"])";
  const std::string other = folder.file("w.safetensors");
  write_safetensors(other, metadata, whole.tensors());
  std::vector<float> row(2);
  for (const std::string& said : {error_of([&] { read_embedding(other); }), error_of([&] {
                                    read_word_vectors(
                                        other, 2, [](auto) { return 0; }, row);
                                  })}) {
    EXPECT_TRUE(contains(said, "expected a tensor \"embedding.weight\" with a row for each of 1 words")) << said;
  }
  write_safetensors(path, {{"recur", R"({"format":4,"task":"embed"})"}}, {});
  EXPECT_TRUE(contains(error_of([&] { read_embedding(path); }), "holds no word vectors"));
  write_safetensors(path, {{"recur", R"({"format":4,"task":"tag"})"}}, {});
  EXPECT_TRUE(contains(error_of([&] { read_embedding(path); }), "a model of the task tag, expected word vectors"));
}

}  // namespace
}  // namespace recur::embedding_file_test
