// The task forecast: numbers to numbers, how series go on.
#include "data/learn_series.h"
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, ForecastOptions& o) {
  SeriesSpec& s = o.series;
  list.group("Series");
  list.text("target", s.target, "COLUMN", "What is to be forecast [the last column that is nothing else]");
  list.text("date", s.date, "COLUMN", "When it was [the first column that begins with a date]");
  list.text("group", s.group, "COLUMN", "Of which of several series a row is; each has a scale of its own");
  list.text("inputs", s.inputs, "COLUMNS", "What else is known up to now, with commas between");
  list.text("known", s.known, "COLUMNS", "What is known ahead of time, too, with commas between");
  list.count("horizon", s.horizon, {1, 10'000}, "Steps ahead");
  list.count("context", s.context, {0, kMostContext},
             "Steps that are looked at before; 0: two seasons or horizons, or half of the longest series");
  list.count("season", s.season, {0, 100'000},
             "Steps; 0: by the dates a day of hours, a week of days, a year of months");
  list.choice("level", s.level, "Windows are seen against: nothing, their last value, or their mean as their unit");
  list.group("Forecast");
  list.choice("loss", o.loss, "A number, quantiles, or a distribution, by its likelihood");
  list.count("components", o.components, {1, 1000}, "mixture: so many normal distributions");
  list.need("components", {"loss", {"mixture"}});
  list.flag("rolled", s.rolled, "Forecast each step from the one before, not all from the last one known");
  list_options(list, o.network);
}

Recipe recipe(const ForecastOptions& o) {
  return {.fields = {{"series", o.series, true}},
          .input = {NumbersInputSpec{"series"}},
          .network = o.network,
          .head = ForecastSpec{"series", o.loss, o.components}};
}

TaskHelp forecast_help() {
  TaskHelp help{
      "forecast", "step",
      "Train a forecaster: it learns how series of numbers go on\n"
      "\n"
      "The data is a table with a header, a step a row, or lines of JSON, a series each: {\"target\": [1, 2, null],\n"
      "\"start\": \"2016-07-01\", \"freq\": \"h\", \"item_id\": \"a\"}; or an array (--format). What is missing may "
      "be\n"
      "empty. Series are scaled by what their training part has; the last part of each is for validation, which\n"
      "goes by the loss. Prints one JSON object on standard output: best_loss, epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train forecast --data passengers.csv --horizon 12 --out passengers.safetensors\n"
      "  recur train forecast --data load.csv --date time --target load --inputs wind,sun --known holiday\n"
      "  recur train forecast --data shops.csv --group shop --loss student --rolled\n"
      "  recur eval passengers.safetensors --data passengers.csv\n"
      "  recur predict passengers.safetensors --data passengers.csv"};
  help.nats = false;
  return help;
}

}  // namespace recur
