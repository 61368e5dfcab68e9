#include "data/series_field.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "data/text_file.h"
#include "support/error_of.h"

namespace recur::series_field_test {
namespace {

// Of days from 2020-01-01 on.
std::string table(const std::vector<std::string>& numbers) {
  std::string text = "day,x\n";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    text += date_text(static_cast<Seconds>(18262 + i) * 86'400, {}) + "," + numbers[i] + "\n";
  }
  return text;
}
std::vector<std::string> counted(int count) {
  std::vector<std::string> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

class SeriesWindows : public testing::Test {
 protected:
  SeriesField& learn(const SeriesSpec& spec, const std::string& text, double held_out) {
    file_ = std::make_unique<InputFile>(folder_.write("a.csv", text));
    field_ = std::make_unique<SeriesField>(FieldSpec{"series", spec, true}, std::nullopt);
    field_->learn(data(), held_out);
    return *field_;
  }
  RecordData data() const { return {*file_, {}}; }

  TempFolder folder_;
  std::unique_ptr<InputFile> file_;
  std::unique_ptr<SeriesField> field_;
};

std::vector<std::size_t> origins(const Records& records) {
  std::vector<std::size_t> origins;
  for (const SeriesWindow& window : records.columns[0].windows) origins.push_back(window.origin);
  return origins;
}

TEST_F(SeriesWindows, OfTrainingEndWhereThoseOfValidationForecast) {
  const SeriesSpec spec{.context = 3, .horizon = 2};
  SeriesField& field = learn(spec, table(counted(10)), 0.3);
  EXPECT_EQ(origins(*field.windows(data(), RecordPart::training, 0.3)), (std::vector<std::size_t>{3, 4, 5}));
  EXPECT_EQ(origins(*field.windows(data(), RecordPart::held_out, 0.3)), (std::vector<std::size_t>{7, 8}));
  EXPECT_EQ(origins(*field.windows(data(), RecordPart::all, 0)), (std::vector<std::size_t>{3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(origins(*field.ends(data())), (std::vector<std::size_t>{10}));
  EXPECT_EQ(origins(*field.steps(data())), (std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(SeriesWindows, AreScaledByTheTrainingPartAlone) {
  std::vector<std::string> numbers = {"1", "3", "1", "3", "1", "3", "1000", "2000"};
  SeriesField& field =
      learn({.context = 2, .horizon = 1, .season = 2, .level = WindowLevel::none}, table(numbers), 0.25);
  EXPECT_DOUBLE_EQ(field.moments("").mean, 2);
  EXPECT_DOUBLE_EQ(field.moments("").deviation, 1);
  EXPECT_DOUBLE_EQ(field.moments("").naive_error, 0);  // always right: there is no share of it
  EXPECT_DOUBLE_EQ(field.moments("unknown").mean, 2);
}

TEST_F(SeriesWindows, HaveTheirSteps) {
  const SeriesSpec spec{.context = 3, .horizon = 2, .level = WindowLevel::last};
  SeriesField& field = learn(spec, table({"0", "2", "4", "", "8", "10", "12", "14", "16", "18"}), 0.2);
  const auto records = field.windows(data(), RecordPart::all, 0);
  const Column& column = records->columns[0];
  const double unit = field.moments("").deviation;
  FieldBatch batch;
  const std::vector<std::size_t> second = {1};  // steps 1 to 3, and 4 and 5
  field.pack(column, second, batch);
  ASSERT_EQ(field.width(), 2U);  // the number, and whether it is there
  ASSERT_EQ(batch.numbers.size(), 6U);
  EXPECT_FLOAT_EQ(batch.numbers[0], static_cast<float>(-2 / unit));
  EXPECT_FLOAT_EQ(batch.numbers[2], 0);
  EXPECT_FLOAT_EQ(batch.numbers[4], 0);  // missing: the one before it
  EXPECT_FLOAT_EQ(batch.numbers[3], 1);
  EXPECT_FLOAT_EQ(batch.numbers[5], 0);
  EXPECT_FLOAT_EQ(batch.wanted[0], static_cast<float>(4 / unit));
  EXPECT_FLOAT_EQ(batch.wanted[1], static_cast<float>(6 / unit));
  const std::vector<double> cell = std::get<Numbers>(field.cell(column, 1)).values;
  EXPECT_EQ(cell.size(), 6U);  // a season is 7 steps, of which 4 are there
  EXPECT_EQ(cell.back(), 10);
}

TEST_F(SeriesWindows, RolledOutHaveTheNextStepOfEach) {
  const SeriesSpec spec{.context = 2, .horizon = 3, .level = WindowLevel::mean, .rolled = true};
  SeriesField& field = learn(spec, table({"2", "4", "6", "8", "10", "12"}), 0.1);
  const auto records = field.windows(data(), RecordPart::training, 0.1);
  EXPECT_EQ(records->lengths, (std::vector<std::uint32_t>{4}));
  FieldBatch batch;
  const std::vector<std::size_t> first = {0};
  field.pack(records->columns[0], first, batch);
  for (std::size_t t = 0; t < 4; ++t) {
    EXPECT_FLOAT_EQ(batch.numbers[t], static_cast<float>(2 * t + 2) / 3);
    EXPECT_FLOAT_EQ(batch.wanted[t], static_cast<float>(2 * t + 4) / 3);
  }
}

TEST_F(SeriesWindows, SayThePlaceInCyclesThatWereSeenTwice) {
  EXPECT_EQ(learn({.horizon = 1}, table(counted(13)), 0.01).learned().calendar, (std::vector<std::string>{}));
  EXPECT_EQ(learn({.horizon = 1}, table(counted(15)), 0.01).learned().calendar, (std::vector<std::string>{"week"}));
  EXPECT_EQ(learn({.horizon = 1}, table(counted(800)), 0.01).learned().calendar,
            (std::vector<std::string>{"week", "year"}));
  EXPECT_EQ(field_->learned().season, 7U);
  EXPECT_EQ(field_->learned().context, 14U);
}

TEST_F(SeriesWindows, LookBackNoFurtherThanLeavesSeveralOfThem) {
  EXPECT_EQ(learn({.horizon = 4}, table(counted(200)), 0.1).learned().context, 14U);
  EXPECT_EQ(learn({.horizon = 4, .season = 52}, table(counted(62)), 0.1).learned().context, 25U);  // of 55 steps
  EXPECT_GT(field_->windows(data(), RecordPart::training, 0.1)->size(), 20U);
  EXPECT_EQ(learn({.context = 50, .horizon = 4, .season = 52}, table(counted(62)), 0.1).learned().context, 50U);
  EXPECT_EQ(learn({.horizon = 4}, table(counted(5)), 0.1).learned().context, 1U);
}

// A series of one row, or of another step, beside a long one.
TEST_F(SeriesWindows, TakeTheirSeasonFromTheLongestSeries) {
  std::string text = "day,shop,x\n2020-01-01,short,1\n2020-01-01,odd,1\n2020-01-02,odd,1\n2020-01-09,odd,1\n";
  for (int i = 0; i < 60; ++i)
    text += date_text((18262 + i) * Seconds{86'400}, {}) + ",long," + std::to_string(i) + "\n";
  const SeriesField& field = learn({.group = "shop", .horizon = 2}, text, 0.1);
  EXPECT_EQ(field.learned().season, 7U);
  EXPECT_EQ(field.learned().calendar, (std::vector<std::string>{"week"}));
  EXPECT_EQ(field.learned().step.seconds, 86'400);
}

TEST_F(SeriesWindows, KnowTheStepOfDatesThatDoNotTellIt) {
  SeriesField& field = learn({.horizon = 2}, table(counted(40)), 0.1);
  const InputFile one(folder_.write("b.csv", "day,x\n2020-05-01,1\n")),
      months(folder_.write("c.csv", "day,x\n2020-05-01,1\n2020-06-01,2\n"));
  const auto ends = field.ends({one, {}});
  const Series& series = (*ends->columns[0].series)[0];
  EXPECT_EQ(date_text(series.date(2), series.style), "2020-05-03");
  EXPECT_TRUE(ends->notes.empty());
  const auto noted = field.ends({months, {}})->notes;
  ASSERT_EQ(noted.size(), 1U);
  EXPECT_TRUE(contains(noted[0], "c.csv: goes on in steps of 1 month, and the model learned from steps of 1 day"))
      << noted[0];
  // A model of an older version.
  nlohmann::json configuration;
  field.write(configuration);
  configuration["series"].erase("step");
  const SeriesField older(FieldSpec{"series", field.spec(), true}, read_learned_series(configuration));
  EXPECT_EQ(older.ends({one, {}})->size(), 1U);
}

TEST_F(SeriesWindows, AreMadeOfWhatANetworkCanRead) {
  const SeriesSpec spec{.context = 2, .horizon = 1, .level = WindowLevel::none};
  SeriesField& constant = learn(spec, table({"5", "5", "5", "5", "5", "5"}), 0.2);
  EXPECT_DOUBLE_EQ(constant.moments("").deviation, 1);
  // Whose sum, by how many there are, is not what each is.
  const SeriesField& tenths = learn(spec, table(std::vector<std::string>(20, "0.1")), 0.2);
  EXPECT_EQ(tenths.moments("").mean, 0.1);
  EXPECT_EQ(tenths.moments("").deviation, 1);
  std::vector<std::string> tiny(20, "1e-9");
  tiny[7] = "1e9";
  const SeriesField& wide = learn(spec, table(tiny), 0.2);
  EXPECT_TRUE(std::isfinite(wide.moments("").deviation));
  std::vector<std::string> late(20, "1e-30");
  late[3] = "2e-30";
  late[19] = "1e30";
  const SeriesField& field = learn(spec, table(late), 0.2);
  EXPECT_THROW(field.windows(data(), RecordPart::all, 0), Error);
}

TEST_F(SeriesWindows, ThatDoNotFitAreRefused) {
  SeriesField& field = learn({.horizon = 24}, table(counted(20)), 0.2);
  for (const RecordPart part : {RecordPart::training, RecordPart::held_out, RecordPart::all}) {
    const std::string said = error_of([&] { field.windows(data(), part, 0.2); });
    EXPECT_TRUE(contains(said, "no window of 24 steps")) << said;
  }
}

TEST_F(SeriesWindows, GoIntoTheModelFileAndBack) {
  const SeriesField& field = learn({.horizon = 2}, table(counted(40)), 0.2);
  nlohmann::json configuration;
  field.write(configuration);
  const SeriesField again(FieldSpec{"series", field.spec(), true}, read_learned_series(configuration));
  nlohmann::json second;
  again.write(second);
  EXPECT_EQ(configuration, second);
  const auto expect_refused = [&](const char* key, const nlohmann::json& value) {
    nlohmann::json damaged = configuration;
    damaged["series"][key] = value;
    EXPECT_THROW(read_learned_series(damaged), Error) << key;
  };
  expect_refused("context", 0);
  expect_refused("season", 100'000'000);
  expect_refused("deviations", {0.0});
  expect_refused("deviations", {1.0, 1.0});
  expect_refused("means", nlohmann::json::array());
  expect_refused("calendar", {"moon"});
  expect_refused("input_means", {1.0});
  expect_refused("gaps", 3);
  expect_refused("naive_errors", {-1.0});
  expect_refused("step", 3);
  expect_refused("step", {{"months", 1U}, {"seconds", 1U}, {"day", 1U}, {"weekdays", false}});
  expect_refused("step", {{"months", 1U}, {"seconds", 0U}, {"day", 32U}, {"weekdays", false}});
  expect_refused("step", {{"months", 0U}, {"seconds", 3600U}, {"day", 0U}, {"weekdays", true}});
}

}  // namespace
}  // namespace recur::series_field_test
