// recur train forecast, and what eval and predict do with its models.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "data/array_bytes.h"

namespace recur::forecast_test {
namespace {

using nlohmann::json;

// A wave of 12 months over a slope.
std::string months(int count) {
  std::string text = "month,x\n";
  for (int i = 0; i < count; ++i) {
    text += fmt::format("{}-{:02},{:.4f}\n", 1950 + i / 12, i % 12 + 1, 0.1 * i + 5 * std::sin(0.5236 * i));
  }
  return text;
}

class Forecasts : public testing::Test {
 protected:
  ProgramResult train(const std::string& data, const Arguments& more = {}) {
    return run_program(with({"train", "forecast", "--data", data, "--out", model_, "--horizon", "6", "--context", "12",
                             "--hidden", "12", "--epochs", "3", "--batch", "10"},
                            more));
  }
  json eval(const std::string& data, const Arguments& more = {}) {
    const ProgramResult result = run_program(with({"eval", model_, "--data", data}, more));
    EXPECT_EQ(result.code, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  std::vector<std::string> predict(const std::string& data, const Arguments& more = {}) {
    const ProgramResult result = run_program(with({"predict", model_, "--data", data}, more));
    EXPECT_EQ(result.code, 0) << result.err;
    std::vector<std::string> lines;
    std::istringstream stream(result.out);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  TempFolder folder_;
  std::string model_ = folder_.file("m.safetensors");
};

TEST_F(Forecasts, OfAWaveAreBetterThanThoseWithoutAModel) {
  const std::string data = folder_.write("wave.csv", months(240));
  const ProgramResult trained = train(data, {"--epochs", "30", "--lr", "0.01"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const json metrics = eval(data);
  EXPECT_LT(metrics["mase"], 0.5 * metrics["seasonal_naive"]["mase"].get<double>());
  EXPECT_LT(metrics["mase"], metrics["naive"]["mase"]);
  const auto lines = predict(data);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], "date,group,target,mean");
  EXPECT_TRUE(lines[1].starts_with("1970-01,,x,")) << lines[1];
  EXPECT_NEAR(std::stod(lines[3].substr(11)), 0.1 * 242 + 5 * std::sin(0.5236 * 242), 1.5);
}

TEST_F(Forecasts, OfEveryLossAreTrainedEvaluatedAndPredicted) {
  const std::string data = folder_.write("wave.csv", months(120)), plot = folder_.file("plot.svg");
  for (const char* loss : {"square", "absolute", "huber", "quantile", "normal", "student", "mixture"}) {
    for (const bool rolled : {false, true}) {
      if (rolled && std::string(loss) == "quantile") continue;
      const ProgramResult trained =
          train(data, {"--loss", loss, rolled ? "--rolled" : "--rolled=false", "--level", "mean", "--cell", "gru"});
      ASSERT_EQ(trained.code, 0) << trained.err;
      const bool drawn = std::string("normal student mixture").find(loss) != std::string::npos;
      const Arguments samples = drawn ? Arguments{"--samples", "20"} : Arguments();
      const json metrics = eval(data, samples);
      const bool bands = std::string("quantile normal student mixture").find(loss) != std::string::npos;
      EXPECT_EQ(metrics.contains("crps"), bands) << loss;
      const auto lines = predict(data, with(samples, {"--plot", plot}));
      EXPECT_EQ(lines[0], bands ? "date,group,target,mean,q10,q50,q90" : "date,group,target,mean");
      EXPECT_EQ(lines.size(), 7U);
      EXPECT_EQ(lines, predict(data, samples));
      EXPECT_EQ(folder_.read("plot.svg").find("fill-opacity") != std::string::npos, bands);
    }
  }
}

TEST_F(Forecasts, OfGroupsKnowWhatIsKnownAhead) {
  std::string text = "day,shop,sold,free\n", later = text;
  for (int i = 0; i < 60; ++i) {
    for (const char* shop : {"a,1", "b"}) {
      const std::string row =
          fmt::format("2020-{:02}-{:02},\"{}\",{},{}\n", i / 30 + 4, i % 30 + 1, shop,
                      i < 54 ? std::to_string(i % 7 + (shop[0] == 'a' ? 100 : 0)) : "", i % 7 == 0 ? 1 : 0);
      later += row;
      if (i < 54) text += row;
    }
  }
  const std::string data = folder_.write("a.csv", text);
  const ProgramResult trained = train(data, {"--target", "sold", "--group", "shop", "--known", "free"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find("2 groups"), std::string::npos) << trained.err;
  const auto lines = predict(folder_.write("b.csv", later));
  ASSERT_EQ(lines.size(), 13U);
  EXPECT_TRUE(lines[1].starts_with("2020-05-25,\"a,1\",sold,")) << lines[1];
  EXPECT_TRUE(lines[7].starts_with("2020-05-25,b,sold,")) << lines[7];
  const ProgramResult unknown = run_program({"predict", model_, "--data", data});
  EXPECT_TRUE(unknown.complains("expected what is known ahead for 6 steps behind the last target, got 0"))
      << unknown.err;
}

TEST_F(Forecasts, GoOnWhereTheyWereStopped) {
  const std::string data = folder_.write("wave.csv", months(120));
  ASSERT_EQ(train(data, {"--schedule", "constant"}).code, 0);
  const std::string whole = folder_.read("m.safetensors");
  ASSERT_EQ(train(data, {"--schedule", "constant", "--steps", "7"}).code, 0);
  const ProgramResult resumed = run_program({"train", "forecast", "--resume", "--out", model_, "--steps", "0"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(folder_.read("m.safetensors") == whole);
}

TEST_F(Forecasts, SayHowSurprisingNumbersAre) {
  std::string text = months(240);
  const std::string data = folder_.write("wave.csv", text);
  ASSERT_EQ(train(data, {"--loss", "normal", "--epochs", "20", "--lr", "0.01"}).code, 0);
  const std::size_t place = text.find("1965-03,");
  text.replace(place, text.find('\n', place) - place, "1965-03,60");
  const auto lines = predict(folder_.write("odd.csv", text), {"--surprise"});
  ASSERT_EQ(lines.size(), 240U);
  EXPECT_EQ(lines[0], "date,group,value,surprise");
  // What comes behind it may be surprising, too: it is forecast from there.
  const auto nats = [&](std::size_t i) { return std::stod(lines[i].substr(lines[i].rfind(',') + 1)); };
  std::size_t odd = 1;
  while (odd + 1 < lines.size() && !lines[odd].starts_with("1965-03,,60,")) ++odd;
  for (std::size_t i = 20; i < odd; ++i) EXPECT_LT(nats(i) + 10, nats(odd)) << lines[i];
  ASSERT_EQ(train(data, {"--loss", "square"}).code, 0);
  const ProgramResult refused = run_program({"predict", model_, "--data", data, "--surprise"});
  EXPECT_TRUE(refused.complains("train one with --loss normal, student or mixture")) << refused.err;
}

TEST_F(Forecasts, OfLinesSayWhichIsOdd) {
  std::string log;
  for (int i = 0; i < 200; ++i) log += "the cat sat on the mat\n";
  const std::string data = folder_.write("log.txt", log);
  ASSERT_EQ(run_program({"train", "lm", "--data", data, "--out", model_, "--hidden", "16", "--epochs", "15", "--batch",
                         "4", "--lr", "0.01"})
                .code,
            0);
  const auto lines = predict(folder_.write("odd.txt",
                                           "the cat sat on the mat\nthe cat tat on eht sam\nthe cat sat on "
                                           "the mat\nthe cat sat on the mat"),
                             {"--surprise"});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_TRUE(lines[0].ends_with("\t22"));  // nothing comes before the first character
  EXPECT_TRUE(lines[1].ends_with("\t23"));
  EXPECT_TRUE(lines[3].ends_with("\t22"));  // no line end
  EXPECT_GT(std::stod(lines[1]), 5 * std::stod(lines[2]));
}

TEST_F(Forecasts, OfWrongDataAndOptionsAreRefused) {
  const std::string data = folder_.write("wave.csv", months(60));
  const auto refuses = [&](const Arguments& more, const std::string& problem) {
    const ProgramResult result = train(data, more);
    EXPECT_NE(result.code, 0);
    EXPECT_TRUE(result.complains(problem)) << result.err;
  };
  refuses({"--horizon", "100"}, "no window of 100 steps before what is held out and one before them");
  refuses({"--horizon", "24"}, "no window of 24 steps in what is held out");
  refuses({"--target", "y"}, "--target: expected a column of the header");
  refuses({"--inputs", "a,,b"}, "--inputs: expected names of columns with commas between, got \"a,,b\"");
  refuses({"--rolled", "--loss", "quantile"}, "--rolled: from a step's quantiles nothing can be drawn");
  refuses({"--rolled", "--inputs", "x", "--target", "month"}, "--inputs: a forecast that is rolled out has no values");
  refuses({"--components", "2"}, "--components");
  refuses({"--valid-share", "0"}, "--valid-share: expected a share above 0");
  refuses({"--valid-share", "0.1", "--valid", data}, "--valid-share: --valid has what is for validation; leave it out");
  ASSERT_EQ(train(data).code, 0);
  EXPECT_TRUE(
      run_program({"eval", model_, "--data", data, "--columns", "x=y"}).complains("--columns: series have those"));
  for (const char* command : {"eval", "predict"}) {
    EXPECT_TRUE(run_program({command, model_, "--data", data, "--skip-bad"}).complains("--skip-bad: a series is read"));
    EXPECT_TRUE(run_program({command, model_, "--data", data, "--max-length", "5"})
                    .complains("--max-length: a series is read"));
    for (const char* flag : {"--samples", "--seed"}) {
      EXPECT_TRUE(run_program({command, model_, "--data", data, flag, "5"})
                      .complains("has a use for it; this model's --loss is square"));
    }
  }
  const auto spoilt = [&](const std::string& text, const std::string& problem) {
    const ProgramResult result = run_program({"eval", model_, "--data", folder_.write("bad.csv", text)});
    EXPECT_EQ(result.code, 1);
    EXPECT_TRUE(result.complains(problem)) << result.err;
  };
  spoilt(months(6), "no window of 6 steps and one before them: the longest series has 6");
  spoilt("month,x\n1950-01,1\n1950-02,1,2\n", "line 3: expected 2 columns, as the header has, got 3");
  spoilt("month,x\n1950-01,1\n1950-02,1e300\n",
         "expected numbers of the size of those that are learned from, got 1e+300 at 1950-02");
  spoilt("day,x\n1950-01,1\n", "--date: expected a column of the header");
}

TEST_F(Forecasts, OfJsonAreOfTheKeyThatIsNamed) {
  std::string numbers, others;
  for (int i = 0; i < 60; ++i) {
    numbers += fmt::format("{}{}", i == 0 ? "" : ", ", i % 5);
    others += fmt::format("{}{}", i == 0 ? "" : ", ", i % 5 + 1000);
  }
  const std::string data =
      folder_.write("a.jsonl", fmt::format("{{\"target\": [{}], \"load\": [{}]}}\n", numbers, others));
  EXPECT_TRUE(train(data, {"--target", "lode"}).complains("a.jsonl: --target: its first line has no list \"lode\""));
  ASSERT_EQ(train(data, {"--target", "load"}).code, 0);
  const std::string step = predict(data).at(1);
  EXPECT_GT(std::stod(step.substr(step.rfind(',') + 1)), 900) << step;
}

TEST_F(Forecasts, OfArraysHaveOneByName) {
  std::string numbers;
  for (int i = 0; i < 60; ++i) numbers += number_bytes(i == 20 ? 0x7FC00000 : 0x3F800000 + (i % 5 << 20), 4);
  const std::string array = npy("<f4", "(60,)", numbers);
  const std::string one = folder_.write("one.npz", npz({{"arr_0", array}})), plain = folder_.write("a.npy", array);
  const std::string two = folder_.write("two.npz", npz({{"x", array}, {"y", array}}));
  EXPECT_EQ(train(one).code, 0);
  EXPECT_EQ(train(one, {"--target", "arr_0"}).code, 0);
  EXPECT_EQ(train(two, {"--target", "y"}).code, 0);
  EXPECT_EQ(predict(two).size(), 7U);
  EXPECT_TRUE(train(two).complains("expected an array \"target\", got \"x\", \"y\"; say which: --target ARRAY"));
  EXPECT_TRUE(train(two, {"--target", "z"}).complains("--target: there is no array \"z\""));
  EXPECT_TRUE(train(plain, {"--target", "z"}).complains("--target: it is one array, which has no name; leave it out"));
  EXPECT_TRUE(train(plain, {"--date", "d"}).complains("--date: an array has no column of dates; leave it out"));
  EXPECT_TRUE(train(plain, {"--group", "d"}).complains("--group: an array has no column of groups; leave it out"));
}

TEST_F(Forecasts, SayWhatTheyDidNotLookAt) {
  std::string text = "when,x\n";
  for (int i = 0; i < 60; ++i) text += fmt::format("{:02}.{:02}.2020,{}\n", i % 28 + 1, i / 28 + 1, i % 7);
  const ProgramResult trained = train(folder_.write("german.csv", text));
  EXPECT_NE(trained.err.find("german.csv: \"when\" begins with \"01.01.2020\", which is no date as"), std::string::npos)
      << trained.err;
  ASSERT_EQ(train(folder_.write("wave.csv", months(60))).code, 0);
  const ProgramResult hourly = run_program(
      {"predict", model_, "--data", folder_.write("h.csv", "month,x\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n")});
  EXPECT_EQ(hourly.code, 0);
  EXPECT_TRUE(hourly.complains("goes on in steps of 1 hour, and the model learned from steps of 1 month"))
      << hourly.err;
  const auto one = predict(folder_.write("one.csv", "month,x\n2020-01,1\n"));
  ASSERT_EQ(one.size(), 7U);
  EXPECT_TRUE(one[6].starts_with("2020-07,")) << one[6];
}

TEST_F(Forecasts, SayWhatTheyLeftOutOrFoundOdd) {
  const auto says = [&](const std::string& text, const std::string& note) {
    const ProgramResult trained = train(folder_.write("odd.csv", text));
    EXPECT_NE(trained.err.find(note), std::string::npos) << trained.err;
    EXPECT_EQ(trained.err.find(note), trained.err.rfind(note)) << trained.err;
  };
  std::string american = "when,x\n", uneven = "when,x\n";
  for (int i = 0; i < 60; ++i) {
    american += fmt::format("2020-01-{:02} {:02}:00 AM,{}\n", i / 11 + 1, i % 11 + 1, i % 7);
    uneven += fmt::format("2020-01-{:02} {:02}:{},{}\n", i / 24 + 1, i % 24, i == 30 ? "20" : "00", i % 7);
  }
  says(american, "odd.csv: \"when\" begins with \"2020-01-01 01:00 AM\", which is no date as");
  says("when,x\n1-Jan-20,1\n" + uneven.substr(7), "\"when\" begins with \"1-Jan-20\", which is no date as");
  says("promo,x\n,1\n2020-01-03,2\n" + fmt::format("{}", fmt::join(std::vector<std::string>(60, ",3\n"), "")),
       "\"promo\" begins with \"2020-01-03\", but not in the first row, and is not looked at");
  for (const char* no_date : {"Market 1234", "Marsh 2020", "SEP-1234", "\"11,345\"", "52.52", "12345 w"}) {
    const ProgramResult plain = train(folder_.write(
        "plain.csv", fmt::format("what,x\n{},1\n{}", no_date, fmt::join(std::vector<std::string>(60, "a,3\n"), ""))));
    EXPECT_EQ(plain.err.find("is not looked at"), std::string::npos) << plain.err;
  }
  says(uneven,
       "odd.csv: 2 rows are no whole steps behind the one before, the first 2020-01-02 06:20, where steps are of 1 "
       "hour");
  std::string lines;
  for (const char* target : {"[1, 2, 3, 4]", "[null, null]", "[3, 4, 5, 6]"})
    lines += fmt::format("{{\"target\": {}}}\n", target);
  std::string numbers;
  for (int i = 0; i < 60; ++i) numbers += fmt::format("{}{}", i == 0 ? "" : ", ", i % 5);
  ASSERT_EQ(train(folder_.write("a.jsonl", fmt::format("{{\"target\": [{}]}}\n", numbers))).code, 0);
  const ProgramResult some = run_program({"predict", model_, "--data", folder_.write("some.jsonl", lines)});
  EXPECT_EQ(some.code, 0);
  EXPECT_TRUE(some.complains("some.jsonl: 1 series of which no number is known is left out, the first is number 2"))
      << some.err;
}

// A start that is a day, and steps that are not; an index that pandas writes has no name.
TEST_F(Forecasts, HaveDatesThatTellStepsApart) {
  std::string numbers, table = ",x\n";
  for (int i = 0; i < 60; ++i) {
    numbers += fmt::format("{}{}", i == 0 ? "" : ", ", i % 5);
    table += fmt::format("2020-{:02}-{:02},{}\n", i / 31 + 1, i % 31 + 1, i % 5);
  }
  const std::string hours = folder_.write(
      "a.jsonl", fmt::format("{{\"target\": [{}], \"start\": \"2016-07-01\", \"freq\": \"h\"}}\n", numbers));
  ASSERT_EQ(train(hours).code, 0);
  EXPECT_TRUE(predict(hours).at(1).starts_with("2016-07-03 12:00,")) << predict(hours).at(1);
  const std::string unnamed = folder_.write("pandas.csv", table);
  ASSERT_EQ(train(unnamed).code, 0);
  EXPECT_TRUE(predict(unnamed).at(1).starts_with("2020-03-01,")) << predict(unnamed).at(1);
}

TEST_F(Forecasts, OfStandardInputNeedItsFormat) {
  ProgramOptions options;
  options.input = months(60);
  const Arguments command = {"train", "forecast", "--data", "-", "--out", model_, "--horizon", "6", "--epochs", "0"};
  const ProgramResult guessed = run_program(command, options);
  EXPECT_TRUE(guessed.complains("there is none in the header, \"month,x\"; give --format csv")) << guessed.err;
  const ProgramResult told = run_program(with(command, {"--format", "csv"}), options);
  EXPECT_EQ(told.code, 0) << told.err;
}

// A column that never changes, and one of which one number is far from all others.
TEST_F(Forecasts, OfNumbersWithoutScaleAreFinite) {
  std::string constant = "x\n", wide = "x\n";
  for (int i = 0; i < 100; ++i) {
    constant += "7\n";
    wide += i == 50 ? "1e9\n" : "1e-9\n";
  }
  for (const std::string& text : {constant, wide}) {
    const std::string data = folder_.write("a.csv", text);
    ASSERT_EQ(train(data).code, 0);
    const json metrics = eval(data);
    EXPECT_TRUE(std::isfinite(metrics["mean_absolute_error"].get<double>()));
    EXPECT_EQ(metrics["mase"].is_null(), text == constant) << metrics;
    EXPECT_EQ(predict(data).size(), 7U);
  }
}

}  // namespace
}  // namespace recur::forecast_test
