#include "recur/word_vectors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/temp_folder.h"
#include "data/text_file.h"
#include "support/concurrent.h"
#include "support/error_of.h"

namespace recur::word_vectors_test {
namespace {

struct Written {
  TempFolder folder;
  std::string path = folder.write("v.vec", "king 2 0\nqueen 2 2\nman 0.5 0.1\nwoman 0.5 2\n");
};

TEST(WordVectors, AnswersAndSaysWhatItLacks) {
  const Written written;
  const WordVectors vectors = WordVectors::load(written.path);
  EXPECT_EQ(vectors.size(), 4U);
  EXPECT_EQ(vectors.width(), 2U);
  EXPECT_EQ(vectors.vector("queen"), (std::vector<float>{2, 2}));
  EXPECT_TRUE(vectors.has("Queen"));
  EXPECT_NEAR(vectors.similarity("king", "queen"), std::sqrt(0.5), 1e-6);
  EXPECT_EQ(vectors.neighbours("king", 1).front().word, "man");
  EXPECT_NEAR(vectors.neighbours("king", 1).front().similarity, 0.5 / std::sqrt(0.26), 1e-6);
  EXPECT_EQ(vectors.analogy("man", "king", "woman", 2).front().word, "queen");
  EXPECT_EQ(error_of([&] { static_cast<void>(vectors.neighbours("quen", 1)); }),
            written.path + ": has no vector for \"quen\"; the nearest spelling is \"queen\"");
  EXPECT_EQ(error_of([&] { static_cast<void>(vectors.analogy("king", "man", "zing", 1)); }),
            written.path + ": has no vector for \"zing\"; the nearest spelling is \"king\"");
}

TEST(WordVectors, IsSavedInEveryFormat) {
  const Written written;
  const WordVectors vectors = WordVectors::load(written.path);
  for (const char* name : {"w.safetensors", "w.bin", "w.txt"}) {
    vectors.save(written.folder.file(name));
    EXPECT_TRUE(WordVectors::is_in(written.folder.file(name)));
    EXPECT_EQ(WordVectors::load(written.folder.file(name)).vector("woman"), vectors.vector("woman"));
  }
  EXPECT_TRUE(
      contains(error_of([&] { vectors.save(written.folder.file("w.pt")); }), "w.pt: word vectors are written to"));
}

TEST(WordVectors, SaysWhichOptionMakesNoSense) {
  const Written written;
  EmbedJob job{written.path, written.folder.file("w.vec"), {}};
  job.options.learning_rate = 0;
  EXPECT_TRUE(contains(error_of([&] { WordVectors::train(job); }), "--lr: expected a number above 0"));
  job.options.learning_rate = 0.1F;
  job.options.letters_from = 9;
  EXPECT_TRUE(contains(error_of([&] { WordVectors::train(job); }), "--letters-from: expected at most --letters-to"));
}

TEST(WordVectors, AnyNumberOfThreadsMayUseOne) {
  const Written written;
  const WordVectors vectors = WordVectors::load(written.path);
  const auto ask = [&](std::size_t) {
    std::string answer;
    for (const Neighbour& n : vectors.neighbours("king", 3)) answer += n.word + " ";
    return answer + vectors.describe();
  };
  for (const std::string& result : on_threads(ask)) EXPECT_EQ(result, ask(0));
}

}  // namespace
}  // namespace recur::word_vectors_test
