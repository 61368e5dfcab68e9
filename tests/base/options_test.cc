#include "recur/types/options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/check_options.h"
#include "base/option_json.h"
#include "recur/types/error.h"
#include "recur/types/training.h"
#include "train/training_options.h"

namespace recur::options_test {

struct Sample {
  bool bright = false;
  std::uint32_t size = 3;
  float share = 0.25F;
  double wait = 90;
  std::optional<float> range;
  std::string name = "x";
  ClipKind kind = ClipKind::norm;
  std::vector<std::string> units;
};

void list_options(OptionList& list, Sample& s) {
  list.group("Look");
  list.flag("bright", s.bright, "Not dark");
  list.count("size", s.size, {1, 9}, "Of it");
  list.prefix("a-");
  list.real("share", s.share, kShare, "Of all");
  list.prefix("");
  list.seconds("wait", s.wait, "So long");
  list.real("range", s.range, kPositive, "Its own", "open");
  list.text("name", s.name, "NAME", "Of it", [](const std::string& text) { return text == "bad" ? "a good one" : ""; });
  list.choice("kind", s.kind, "Which", {ClipKind::norm, ClipKind::value});
}

namespace {

using nlohmann::json;

class OptionsTest : public testing::Test {
 protected:
  OptionsTest() { list_options(list_, sample_); }

  // What an option says was expected of a text; empty when it takes it.
  std::string set(const char* name, std::string_view text) {
    const Option& option = *list_.find(name);
    return option.set(option.parse(text));
  }

  Sample sample_;
  OptionList list_;
};

TEST_F(OptionsTest, SetTheirFieldsFromTexts) {
  for (const auto& [name, text] :
       {std::pair("bright", "true"), std::pair("size", "9"), std::pair("a-share", "0.5"), std::pair("wait", "1.5h"),
        std::pair("range", "0.125"), std::pair("name", "a b"), std::pair("kind", "value")}) {
    EXPECT_EQ(set(name, text), "") << name;
  }
  EXPECT_TRUE(sample_.bright);
  EXPECT_EQ(sample_.size, 9U);
  EXPECT_EQ(sample_.share, 0.5F);
  EXPECT_EQ(sample_.wait, 5400);
  EXPECT_EQ(sample_.range, 0.125F);
  EXPECT_EQ(sample_.name, "a b");
  EXPECT_EQ(sample_.kind, ClipKind::value);
}

TEST_F(OptionsTest, RefuseWhatTheyMayNotHoldAndKeepWhatTheyHad) {
  for (const char* text : {"0", "10", "-1", "3.0", "", "x", "18446744073709551616", "4294967297"}) {
    EXPECT_EQ(set("size", text), "a whole number from 1 to 9") << text;
  }
  for (const char* text : {"1", "-0.1", "nan", "inf", "1e39", "", "0.5x", "0.99999999999"}) {
    EXPECT_EQ(set("a-share", text), "a number from 0 to below 1") << text;
  }
  for (const char* text : {"-1", "10d", "h", "", "inf"}) EXPECT_NE(set("wait", text), "") << text;
  for (const char* text : {"0", "1e-60", "x", ""}) EXPECT_EQ(set("range", text), "a number above 0") << text;
  EXPECT_EQ(set("bright", "yes"), "no value, or true or false");
  EXPECT_EQ(set("name", "bad"), "a good one");
  EXPECT_EQ(set("kind", "none"), "one of norm, value");
  EXPECT_EQ(options_json(sample_), options_json(Sample()));
}

TEST_F(OptionsTest, TellTheirStandard) {
  for (const auto& [name, text] :
       {std::pair("bright", ""), std::pair("size", "3"), std::pair("a-share", "0.25"), std::pair("wait", "90"),
        std::pair("range", "open"), std::pair("name", "x"), std::pair("kind", "norm")}) {
    EXPECT_EQ(list_.find(name)->standard, text) << name;
  }
  EXPECT_EQ(list_.find("share"), nullptr);
}

TEST_F(OptionsTest, ComeBackFromJson) {
  sample_ = {true, 7, 0.125F, 1.5, 2.0F, "y", ClipKind::value, {}};
  const json object = options_json(sample_);
  Sample read;
  read_options_of(read, object);
  EXPECT_EQ(options_json(read), object);
  EXPECT_EQ(read.range, 2.0F);
  sample_.range.reset();
  read_options_of(read, options_json(sample_));
  EXPECT_EQ(read.range, std::nullopt);
}

TEST_F(OptionsTest, RefuseJsonThatIsWrongNamingTheOption) {
  const auto message = [](const json& change) -> std::string {
    json object = options_json(Sample());
    object.update(change);
    try {
      Sample read;
      read_options_of(read, object);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({{"size", 10}}), "its configuration's 'size': expected a whole number from 1 to 9, got 10");
  EXPECT_EQ(message({{"size", -1}}), "its configuration's 'size': expected a whole number from 1 to 9, got -1");
  EXPECT_EQ(message({{"kind", "x"}}), "its configuration's 'kind': expected one of norm, value, got \"x\"");
  EXPECT_EQ(message({{"bright", 1}}), "its configuration's 'bright': expected no value, or true or false, got 1");
  EXPECT_NE(message({{"name", json::array()}}), "");
  EXPECT_NE(message({{"a-share", nullptr}}), "");
  Sample read;
  EXPECT_NO_THROW(read_options_of(read, json::object()));
  EXPECT_EQ(options_json(read), options_json(Sample()));
  EXPECT_THROW(read_options_of(read, json::array()), Error);
}

TEST_F(OptionsTest, AreRefusedWithoutWhatTheyNeed) {
  list_.need("a-share", {"bright"});
  list_.need("wait", {"kind", {"norm", "none"}});
  const auto problem = [&](std::string_view given) -> std::string {
    try {
      list_.check_needs([&](std::string_view name) { return name == given; });
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(problem("a-share"), "--a-share: only goes with --bright");
  EXPECT_EQ(problem("wait"), "");
  sample_.bright = true;
  sample_.kind = ClipKind::value;
  EXPECT_EQ(problem("a-share"), "");
  EXPECT_EQ(problem("wait"), "--wait: only goes with --kind norm or none");
  EXPECT_EQ(problem("size"), "");
}

TEST_F(OptionsTest, AreCheckedInAStructThatAProgramMade) {
  EXPECT_NO_THROW(list_.check());
  sample_.share = NAN;
  try {
    list_.check();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "--a-share: expected a number from 0 to below 1, got nan");
  }
  for (const float bad : {0.0F, -1.0F, NAN, INFINITY}) {
    for (const auto& spoil : {+[](TrainingOptions&o, float x) { o.schedule.learning_rate = x; },
                              +[](TrainingOptions&o, float x) { o.schedule.decay = x; },
                              +[](TrainingOptions&o, float x) { o.clipping.limit = x; }}) {
      TrainingOptions options;
      spoil(options, bad);
      EXPECT_THROW(check_options_of(options), Error) << bad;
    }
  }
}

TEST(Choices, HaveNames) {
  for (const OptimizerKind kind : all_choices<OptimizerKind>())
    EXPECT_EQ(choice_named<OptimizerKind>(to_string(kind)), kind);
  EXPECT_EQ(choice_named<OptimizerKind>("Adam"), std::nullopt);
  EXPECT_EQ(choice_named<ClipKind>(""), std::nullopt);
}

}  // namespace
}  // namespace recur::options_test
