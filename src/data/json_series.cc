// Series from lines of JSON: a series each, with the keys of GluonTS.
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "data/read_series.h"
#include "data/white_space.h"
#include "recur/types/record.h"

namespace recur {
namespace {

using nlohmann::json;

class JsonSeries {
 public:
  JsonSeries(const InputFile& file, const SeriesColumns& columns, const DateStep& known)
      : columns_(columns), known_step_(known), lines_(file, kLongest) {
    if (!columns.inputs.empty()) {
      fail("--inputs: lines of JSON have no columns; expected what is known ahead as \"feat_dynamic_real\"");
    }
  }

  std::vector<Series> read() {
    std::vector<Series> series;
    while (lines_.next()) {
      if (lines_.blank()) continue;
      if (lines_.cut()) lines_.fail("a line of JSON longer than 1 GiB; expected shorter series");
      const json object = parse_json(lines_.line());
      if (series.empty()) target_ = target_of(object);
      if (!object.is_object() || !object.contains(target_)) {
        const std::string problem = json_problem(lines_.line());
        lines_.fail(problem.empty()
                        ? fmt::format("expected a JSON object {{\"{}\": [..], \"start\": \"2016-07-01\", ..}}",
                                      printable(target_))
                        : problem);
      }
      series.push_back(series_of(object));
      if (series.back().group.empty() != series.front().group.empty()) {
        lines_.fail("expected \"item_id\" in every line or in none");
      }
    }
    return series;
  }

 private:
  static constexpr std::size_t kLongest = std::size_t{1} << 30;

  // The key of what is forecast: as the user, or the table that a model learned from, called it, or GluonTS does. The
  // first line has it, and so have all.
  std::string target_of(const json& object) const {
    return !columns_.target.empty() && object.contains(columns_.target) ? columns_.target : "target";
  }

  Series series_of(const json& object) const {
    Series series;
    series.target = numbers_of(object[target_], target_.c_str());
    if (object.contains("item_id")) {
      series.group = object["item_id"].is_string() ? object["item_id"].get<std::string>() : object["item_id"].dump();
      if (is_blank_text(series.group)) lines_.fail("expected the name of a series as \"item_id\", got none");
    }
    if (object.contains("start") && (object.contains("freq") || known_step_.known())) read_dates(object, series);
    if (!columns_.known.empty()) read_known(object, series);
    return series;
  }

  void read_dates(const json& object, Series& series) const {
    const auto start = object["start"].is_string()
                           ? parse_date(object["start"].get_ref<const std::string&>(), series.style)
                           : std::nullopt;
    if (!start) lines_.fail(fmt::format("expected a date as \"start\", got {}", object["start"].dump()));
    series.step = object.contains("freq") ? step_of(object["freq"], *start) : usual_step({&*start, 1}, known_step_);
    for (std::size_t i = 0; i < series.target.size(); ++i) series.dates.push_back(advance(*start, series.step, i));
  }

  DateStep step_of(const json& frequency, Seconds start) const {
    const auto step =
        frequency.is_string() ? parse_frequency(frequency.get_ref<const std::string&>(), start) : std::nullopt;
    if (step) return *step;
    lines_.fail(fmt::format("expected \"freq\" to be such as \"h\", \"30min\", \"D\", \"B\", \"W\" or \"M\", got {}",
                            frequency.dump()));
  }

  // [known, steps and more], each as long as the others, to [steps and more, known].
  void read_known(const json& object, Series& series) const {
    const auto lists = object.find("feat_dynamic_real");
    const std::size_t known = columns_.known.size();
    if (lists == object.end() || !lists->is_array() || lists->size() != known) {
      lines_.fail(fmt::format("expected \"feat_dynamic_real\" to be {} lists, as --known names", known));
    }
    for (std::size_t i = 0; i < known; ++i) {
      const std::vector<double> numbers = numbers_of((*lists)[i], "feat_dynamic_real");
      if (i == 0) series.known.resize(numbers.size() * known);
      if (numbers.size() * known != series.known.size() || numbers.size() < series.target.size()) {
        lines_.fail(
            fmt::format("expected at least {} numbers in each list of \"feat_dynamic_real\", as many in each, "
                        "got {}",
                        series.target.size(), numbers.size()));
      }
      for (std::size_t t = 0; t < numbers.size(); ++t) series.known[t * known + i] = numbers[t];
    }
  }

  std::vector<double> numbers_of(const json& list, const char* name) const {
    if (!list.is_array()) lines_.fail(fmt::format("expected {} to be a list of numbers", quote(name)));
    std::vector<double> numbers;
    for (const json& item : list) {
      const bool missing = item.is_null() || item == "NaN" || item == "nan";
      if (!missing && (!item.is_number() || !std::isfinite(item.get<double>()))) {
        lines_.fail(fmt::format("expected a number in {}, or null where it is missing, got {}", quote(name),
                                item.is_structured() ? item.type_name() : quote(item.dump())));
      }
      numbers.push_back(missing ? kUnknownNumber : item.get<double>());
    }
    return numbers;
  }

  const SeriesColumns& columns_;
  DateStep known_step_;
  LineReader lines_;
  std::string target_;
};

}  // namespace

std::vector<Series> read_json_series(const InputFile& file, const SeriesColumns& columns, const DateStep& known) {
  return JsonSeries(file, columns, known).read();
}

}  // namespace recur
