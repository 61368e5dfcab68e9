// Tags that mark chunks: schemes made into each other, found, and what may follow what in them.
#include "data/chunk_tags.h"

#include <gtest/gtest.h>

#include <sstream>

namespace recur::chunk_tags_test {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

// The same chunks: two of one type that touch, one of another type behind them, one word, three words at the end.
const std::pair<TagScheme, const char*> kSame[] = {
    {TagScheme::iob1, "I-NP I-NP B-NP I-NP I-VP O I-PP O I-NP I-NP I-NP"},
    {TagScheme::bio, "B-NP I-NP B-NP I-NP B-VP O B-PP O B-NP I-NP I-NP"},
    {TagScheme::bioes, "B-NP E-NP B-NP E-NP S-VP O S-PP O B-NP I-NP E-NP"},
    {TagScheme::bmes, "B-NP E-NP B-NP E-NP S-VP O S-PP O B-NP M-NP E-NP"}};

TEST(ChunkSchemes, AreMadeIntoEachOther) {
  for (const auto& [from, tags] : kSame) {
    for (const auto& [to, wanted] : kSame) EXPECT_EQ(in_scheme(words(tags), to), words(wanted)) << tags;
  }
  // IOE2, tags without types, and an I that nothing begins.
  EXPECT_EQ(in_scheme(words("I-X E-X E-X"), TagScheme::bio), words("B-X I-X B-X"));
  EXPECT_EQ(in_scheme(words("B M E S"), TagScheme::bioes), words("B I E S"));
  EXPECT_EQ(in_scheme(words("O I-X I-Y"), TagScheme::bioes), words("O S-X S-Y"));
  EXPECT_EQ(in_scheme({}, TagScheme::bio), std::vector<std::string>{});
}

// Any tags at all mark the same chunks once they have been in another scheme.
TEST(ChunkSchemes, LoseNothingOnTheWay) {
  const std::vector<std::string> all = words("O B-A I-A E-A S-A B-B I-B M-B");
  for (std::size_t n = 0; n < all.size() * all.size() * all.size() * all.size(); ++n) {
    std::vector<std::string> tags;
    for (std::size_t rest = n, t = 0; t < 4; ++t, rest /= all.size()) tags.push_back(all[rest % all.size()]);
    const std::vector<std::string> bio = in_scheme(tags, TagScheme::bio);
    for (const auto& [other, unused] : kSame) {
      ASSERT_EQ(in_scheme(in_scheme(tags, other), TagScheme::bio), bio) << n;
    }
  }
}

TEST(ChunkSchemes, AreFound) {
  for (const auto& [scheme, tags] : kSame) {
    SchemeFinder finder;
    finder.add(words(tags));
    EXPECT_EQ(finder.scheme(words(tags)), scheme) << tags;
  }
  SchemeFinder finder;
  finder.add(words("B-X I-X O B-X O I-Y"));  // more as in bio
  EXPECT_EQ(finder.scheme(words("B-X I-X O I-Y")), TagScheme::bio);
  EXPECT_EQ(finder.scheme(words("NOUN VERB")), TagScheme::as_they_are);
  SchemeFinder gaps;  // what stands behind a tag that is missing says nothing
  gaps.add(words("B-X B-X O"));
  const std::vector<std::string> unknown = {"", "I-X", "", "I-Y"};
  gaps.add(unknown);
  EXPECT_EQ(gaps.scheme(words("B-X I-X O")), TagScheme::bio);
}

// A sequence is in a scheme where each tag may follow the one before it, exactly where making it so changes nothing.
TEST(ChunkSchemes, AllowTheOrdersThatTheyMake) {
  for (const auto& [scheme, tags] : kSame) {
    std::vector<std::string> all = {"O"};
    for (const char prefix : std::string(scheme == TagScheme::bioes  ? "BIES"
                                         : scheme == TagScheme::bmes ? "BMES"
                                                                     : "BI")) {
      for (const char* type : {"-A", "-B"}) all.push_back(prefix + std::string(type));
    }
    for (std::size_t n = 0; n < all.size() * all.size() * all.size(); ++n) {
      const std::vector<std::string> three = {all[n % all.size()], all[n / all.size() % all.size()],
                                              all[n / all.size() / all.size()]};
      bool legal = may_follow(scheme, ChunkTag("O"), ChunkTag(three[0])) &&
                   may_follow(scheme, ChunkTag(three[2]), ChunkTag("O"));
      for (std::size_t t = 1; t < 3; ++t)
        legal = legal && may_follow(scheme, ChunkTag(three[t - 1]), ChunkTag(three[t]));
      EXPECT_EQ(legal, in_scheme(three, scheme) == three) << three[0] << " " << three[1] << " " << three[2];
    }
  }
}

TEST(ChunkTags, AreToldFromOtherTags) {
  EXPECT_TRUE(are_chunk_tags(words("O B-PER I-PER")));
  EXPECT_TRUE(are_chunk_tags(words("S-X E-X")));
  EXPECT_TRUE(are_chunk_tags(words("B M E S")));
  EXPECT_FALSE(are_chunk_tags(words("O O")));
  EXPECT_FALSE(are_chunk_tags(words("B-PER NOUN")));
  EXPECT_FALSE(are_chunk_tags(words("B I O")));
  EXPECT_FALSE(are_chunk_tags({}));
}

}  // namespace
}  // namespace recur::chunk_tags_test
