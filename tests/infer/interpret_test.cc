#include "infer/interpret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/threads.h"
#include "infer/text_features.h"

namespace recur::interpret_test {
namespace {

using Floats = std::vector<float>;
using Pieces = std::vector<std::string>;

Pieces bytes_of(const std::string& text) {
  Pieces pieces;
  for (const char c : text) pieces.emplace_back(1, c);
  return pieces;
}

const TextFeature& feature(const std::string& name) {
  return *std::ranges::find(text_features(), name, [](const TextFeature& f) { return std::string(f.name); });
}

Floats measured(const std::string& name, const Pieces& pieces) { return measure(feature(name), pieces); }

// One digit a byte of the text: "0011100" for a feature of 0 and 1.
std::string digits(const std::string& name, const std::string& text) {
  std::string result;
  for (const float value : measured(name, bytes_of(text))) result += std::to_string(static_cast<int>(value));
  return result;
}

TEST(TextFeatures, Quotes) {
  EXPECT_EQ(digits("in quotes", R"(a "b" c "d)"), "0011000011");
  EXPECT_EQ(digits("in quotes", R"(s = "a\"b\\";)"), "0000111111100");
  EXPECT_EQ(digits("in quotes", "``a'' `b'"), "011100000");
  EXPECT_EQ(digits("in quotes", "\"a\n \n\"b"), "1111011");  // the empty line closes it
  EXPECT_EQ(measured("in quotes", {"a", "“", "b\"", "”", "«", "»", "„", "x", "“"}),
            (Floats{0, 1, 1, 0, 1, 0, 1, 1, 0}));
}

TEST(TextFeatures, Brackets) {
  EXPECT_EQ(digits("in ( )", "a(b(c)d)e)f"), "01111110000");
  EXPECT_EQ(digits("in ( )", "(a\n\nb"), "11100");
  EXPECT_EQ(digits("in { }", "{a\n\nb}"), "111110");
  EXPECT_EQ(digits("in [ ]", "[[a]]]b"), "1111000");
  EXPECT_EQ(digits("bracket depth", "([{a})]"), "1233210");
  EXPECT_EQ(digits("in a tag", "<b>a</b> 1 < 2 <<x"), "110011100001000111");
}

TEST(TextFeatures, Lines) {
  EXPECT_EQ(digits("line position", "ab\nc\n\nd"), "1201001");
  EXPECT_EQ(measured("line position", Pieces(100, "x")).back(), 80);
  EXPECT_EQ(measured("past column 60", {std::string(60, 'x'), "x", "\n", "x"}), (Floats{0, 1, 0, 0}));
  EXPECT_EQ(digits("line start", "a\nb\n"), "0101");
  EXPECT_EQ(digits("indentation", "a b\n  b c\n"), "0000122220");
  EXPECT_EQ(digits("indentation", " \tx\n\tx"), "188088");
}

TEST(TextFeatures, WordsAndSentences) {
  EXPECT_EQ(digits("word position", "ab c1, d"), "12012001");
  EXPECT_EQ(digits("space", "a b\n"), "0101");
  EXPECT_EQ(digits("punctuation", "a, b."), "01001");
  EXPECT_EQ(digits("number", "a12.5"), "01101");
  EXPECT_EQ(digits("capitalised word", "Ab cD Ef"), "11000011");
  EXPECT_EQ(digits("word of capitals", "ABC Ab aBC I"), "011000000000");
  EXPECT_EQ(digits("sentence position", "ab. c!\n\nd"), "120120101");
  EXPECT_EQ(measured("capitalised word", {"É", "t", "é", " ", "é"}), (Floats{1, 1, 1, 0, 0}));
}

TEST(TextFeatures, SourceAndAddresses) {
  EXPECT_EQ(digits("in a comment", "a/b//c\nd"), "00001100");
  EXPECT_EQ(digits("in a comment", "/*/a*/*b"), "01111000");
  EXPECT_EQ(digits("in a comment", R"("//" "\\"//)"), "00000000001");
  EXPECT_EQ(digits("in a comment", "http://a"), "00000000");
  EXPECT_EQ(digits("in an address", "a http://b.c) www.d e"), "000000001111000001100");
}

TEST(TextFeatures, AWordsValueIsThatOfItsLastCharacterBeforeTheSpace) {
  const Pieces words = {"He ", "said ", "\"yes ", "sir\" ", "\n", "KING "};
  EXPECT_EQ(measured("in quotes", words), (Floats{0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(measured("line position", words), (Floats{2, 7, 12, 17, 0, 4}));
  EXPECT_EQ(measured("capitalised word", words), (Floats{1, 0, 0, 0, 0, 1}));
  EXPECT_EQ(measured("space", words), (Floats{0, 0, 0, 0, 1, 0}));
}

TEST(TextFeatures, PartsOfACharacterHaveTheValueBeforeIt) {
  EXPECT_EQ(digits("line position", "aéb€\xff"), "11233345");
  EXPECT_EQ(measured("line position", {"", "a", ""}), (Floats{0, 1, 1}));
  EXPECT_EQ(measured("line start", {}), Floats{});
}

TEST(TextFeatures, NeverLookAhead) {
  const std::string text = "A \"b\" (c [d]) {\n  /* e */ <f> http://g 12 ``h'' “i” KING. \n\n// j \\\" k!";
  const Pieces whole = bytes_of(text);
  for (const TextFeature& f : text_features()) {
    const Floats expected = measure(f, whole);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      if ((text[length] & 0xC0) == 0x80) continue;  // within a character
      const Pieces part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_TRUE(std::ranges::equal(measure(f, part), std::span(expected).first(length))) << f.name << length;
    }
  }
}

const std::string kText = "He said \"no, never\" and \"well\", then (so\nit is) told.\nA \"b c d e f\" g 1234 (h) i.\n";

// Columns of `length` values.
Floats matrix_of(const std::vector<Floats>& columns) {
  Floats values;
  for (std::size_t t = 0; t < columns[0].size(); ++t) {
    for (const Floats& column : columns) values.push_back(column[t]);
  }
  return values;
}

double plain_correlation(const Floats& x, const Floats& y) {
  const auto mean = [](const Floats& v) {
    long double sum = 0;
    for (const float value : v) sum += static_cast<long double>(value);
    return sum / static_cast<long double>(v.size());
  };
  const long double mean_x = mean(x), mean_y = mean(y);
  long double xx = 0, yy = 0, xy = 0;
  for (std::size_t t = 0; t < x.size(); ++t) {
    const long double dx = static_cast<long double>(x[t]) - mean_x, dy = static_cast<long double>(y[t]) - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return static_cast<double>(xy / std::sqrt(xx * yy));
}

Floats noise(std::size_t length, std::uint32_t seed, float scale, float offset) {
  Floats values;
  for (std::uint32_t t = 0; t < length; ++t) {
    const float uniform = static_cast<float>((t * 2654435761U + seed * 40503U) % 10007U) / 10007.0F;
    values.push_back(offset + scale * (uniform - 0.5F));
  }
  return values;
}

TEST(MatchFeatures, FindsTheUnitsThatFollowAFeature) {
  const Pieces pieces = bytes_of(kText);
  // More channels than a block; the planted ones in the first, in the last, and of the other sign.
  std::vector<Floats> columns;
  for (std::uint32_t c = 0; c < 150; ++c) columns.push_back(noise(pieces.size(), c, 1, 0));
  columns[149] = measured("in quotes", pieces);
  columns[3] = measured("line position", pieces);
  for (float& value : columns[3]) value = 0.5F - 0.01F * value;
  const Floats values = matrix_of(columns);
  const std::vector<FeatureMatches> all = match_features(pieces, {values, columns.size()}, 2);

  const auto found = [&](const std::string& name) { return *std::ranges::find(all, name, &FeatureMatches::name); };
  ASSERT_EQ(found("in quotes").best.size(), 2);
  EXPECT_EQ(found("in quotes").best[0].channel, 149);
  EXPECT_NEAR(found("in quotes").best[0].correlation, 1, 1e-9);
  EXPECT_EQ(found("line position").best[0].channel, 3);
  EXPECT_NEAR(found("line position").best[0].correlation, -1, 1e-6);
  EXPECT_EQ(found("number").positions, 4);
  EXPECT_TRUE(std::ranges::none_of(all, [](const auto& m) { return m.name == "in a comment"; }));  // never in one
  EXPECT_TRUE(std::ranges::is_sorted(all, std::greater{},
                                     [](const FeatureMatches& m) { return std::abs(m.best[0].correlation); }));
  EXPECT_FALSE(found("in quotes").explanation.empty());
}

TEST(MatchFeatures, IsPearsonsCorrelationWhateverTheMean) {
  const Pieces pieces = bytes_of(kText);
  for (const float offset : {0.0F, -3.0F, 1e6F}) {
    const std::vector<Floats> columns = {noise(pieces.size(), 7, 2, offset), noise(pieces.size(), 8, 1e-3F, 0)};
    const Floats values = matrix_of(columns);
    for (const FeatureMatches& m : match_features(pieces, {values, 2}, 5)) {
      ASSERT_EQ(m.best.size(), 2);
      for (const UnitMatch& match : m.best) {
        EXPECT_NEAR(match.correlation, plain_correlation(measured(m.name, pieces), columns[match.channel]), 1e-9);
      }
    }
  }
}

TEST(MatchFeatures, LeavesOutChannelsWithoutACorrelation) {
  const Pieces pieces = bytes_of(kText);
  Floats infinite = noise(pieces.size(), 1, 1, 0), undefined = infinite;
  infinite[5] = std::numeric_limits<float>::infinity();
  undefined[0] = std::nanf("");
  const Floats constant(pieces.size(), 0.1F), huge = noise(pieces.size(), 2, 3e38F, 0);
  const Floats values = matrix_of({constant, infinite, undefined, huge});
  const std::vector<FeatureMatches> all = match_features(pieces, {values, 4}, 9);
  ASSERT_FALSE(all.empty());
  for (const FeatureMatches& m : all) {
    ASSERT_EQ(m.best.size(), 1) << m.name;
    EXPECT_EQ(m.best[0].channel, 3);
  }
  EXPECT_TRUE(match_features(pieces, {constant, 1}).empty());
  EXPECT_TRUE(match_features({}, {{}, 3}).empty());
  EXPECT_TRUE(match_features({"a"}, {Floats{1, 2}, 2}).empty());
}

TEST(MatchFeatures, IsTheSameBitsForAnyNumberOfThreads) {
  const Pieces pieces = bytes_of(kText);
  std::vector<Floats> columns;
  for (std::uint32_t c = 0; c < 200; ++c) columns.push_back(noise(pieces.size(), c, 1, 0));
  const Floats values = matrix_of(columns);
  const auto numbers = [&](std::size_t threads) {
    const std::size_t before = thread_count();
    set_thread_count(threads);
    std::vector<double> result;
    for (const auto& m : match_features(pieces, {values, 200}, 200)) {
      for (const UnitMatch& match : m.best) result.push_back(match.correlation);
    }
    set_thread_count(before);
    return result;
  };
  EXPECT_EQ(numbers(1), numbers(3));
}

TEST(Saturation, SharesOfSteps) {
  // Three channels, the first of which is not asked for.
  const Floats values = {9, 0.05F, 0.95F, 9, 0.05F, 0.95F, 9, 0.5F, 0.95F, 9, 0.1F, 0.9F};
  const std::vector<Saturation> units = saturation({values, 3}, 1, 2);
  ASSERT_EQ(units.size(), 2);
  EXPECT_EQ(units[0].left, 0.5);
  EXPECT_EQ(units[0].right, 0);
  EXPECT_EQ(units[1].left, 0);
  EXPECT_EQ(units[1].right, 0.75);

  const SaturationSummary summary = summarize(units);
  EXPECT_EQ(summary.units, 2);
  EXPECT_EQ(summary.mean.left, 0.25);
  EXPECT_EQ(summary.mean.right, 0.375);
  EXPECT_EQ(summary.mostly_left, 0);  // one half is not most
  EXPECT_EQ(summary.mostly_right, 1);
  EXPECT_EQ(summarize({}).mean.left, 0);
}

TEST(StateStatistics, OverStepsAndUnits) {
  const Floats values = {7, 1, 0.5F, 7, -1, -0.9F, 7, 3, 0.4F};
  const StateStatistics state = state_statistics({values, 3}, 1, 2);
  EXPECT_NEAR(state.mean, 0.5, 1e-7);
  EXPECT_NEAR(state.deviation, std::sqrt((0.25 + 0 + 2.25 + 1.96 + 6.25 + 0.01) / 6), 1e-7);
  EXPECT_NEAR(state.saturated, 0.5, 1e-12);
  EXPECT_EQ(state_statistics({}, 0, 0).deviation, 0);
}

}  // namespace
}  // namespace recur::interpret_test
