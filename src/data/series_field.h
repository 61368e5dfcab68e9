// Series that go on: records are windows into them, whose first steps are known and whose others are to be forecast.
// A window is scaled so that the training part of its group has mean 0 and deviation 1, or as its WindowLevel says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/field.h"
#include "data/read_series.h"

namespace recur {

// What training data says of a group of series.
struct SeriesMoments {
  std::string group;
  double mean = 0, deviation = 1;
  // The mean size of what the value of a season ago was off by: what MASE is a share of (Hyndman & Koehler 2006). 0:
  // not known, or always right.
  double naive_error = 0;
};

// How a window is scaled: what the network sees of x is (x - offset) / scale.
struct WindowScale {
  double offset = 0, scale = 1;
};

struct Cycle;  // data/learn_series.h

class SeriesField : public Field {
 public:
  struct Learned {
    SeriesColumns columns;
    std::size_t context = 1, season = 1;
    bool gaps = false;                                  // numbers were missing: whether one is there is an input, too
    DateStep step;                                      // of the longest series, for data that does not tell its own
    std::vector<std::string> calendar;                  // cycles that dates say the place in: all_cycles()
    std::vector<SeriesMoments> groups;                  // the first is of all together, for those that are not known
    std::vector<double> input_means, input_deviations;  // [inputs + known]
  };
  SeriesField(const FieldSpec& spec, std::optional<Learned> learned);

  // Learns from the part of each series before its last `held_out` share. Throws Error of series too short for one
  // window, naming `data`.
  void learn(const RecordData& data, double held_out);

  // Windows of data: of all of it, or of what comes before the last share of each series, or that reach into it: these
  // only look back on what is before it.
  std::unique_ptr<Records> windows(const RecordData& data, RecordPart part, double held_out) const;
  // One for each series, at its end.
  std::unique_ptr<Records> ends(const RecordData& data) const;
  // One for each step that is known, from the second on, whose forecast begins with it.
  std::unique_ptr<Records> steps(const RecordData& data) const;

  const SeriesSpec& spec() const { return spec_; }
  const Learned& learned() const { return *learned_; }
  std::size_t horizon() const { return spec_.horizon; }
  std::size_t known() const { return learned_->columns.known.size(); }
  // Numbers that the layers read at a step: the target, whether it is there, inputs, what is known ahead, and the sine
  // and cosine of each cycle. Rolled out, the last two are those of the step that is forecast.
  std::size_t width() const;
  const SeriesMoments& moments(const std::string& group) const;
  WindowScale scale(const Column& column, std::size_t record) const;
  // Makes the row of a step that of another number, scaled.
  void set_target(float target, std::span<float> row) const;
  // Steps of a window that are known.
  std::size_t context(const Column& column, std::size_t record) const;

  // numbers [total, width] of the known steps, and ahead; wanted [records, horizon]. Rolled out, numbers also of the
  // steps ahead but the last, and wanted [total] of the step after each.
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override;
  // The target in the known steps and in those ahead.
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

  void learn(const Source&, const Cell&) override { fail_records(); }
  void encode(const Source&, const Cell&, Encoded&) const override { fail_records(); }
  void add(const Cell&, const Encoded&, std::size_t, bool, Column&) const override { fail_records(); }

 private:
  [[noreturn]] static void fail_records();
  // With what there is to say of it, a line each.
  std::vector<Series> read(const RecordData& data, std::vector<std::string>& notes) const;
  // Notes where groups and cycles are that the field has learned.
  void look_up();
  std::size_t place_of(const std::string& group) const;
  // What `column` of inputs and of what is known has at a place, scaled; 0 where nothing is.
  float scaled_input(std::span<const double> numbers, std::size_t at, std::size_t column) const;
  void add_row(const Series& series, std::size_t step, const WindowScale& scale, double value, bool there,
               std::vector<float>& to) const;
  void add_ahead(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const;
  std::unique_ptr<Records> make_records(std::vector<Series> series, std::vector<SeriesWindow> windows,
                                        std::vector<std::string> notes) const;

  SeriesSpec spec_;
  std::optional<Learned> learned_;
  std::unordered_map<std::string, std::size_t> places_;  // of learned_->groups, by their names
  std::vector<const Cycle*> cycles_;                     // of learned_->calendar
};

// What a field of series wrote. Throws Error for whatever that cannot be.
SeriesField::Learned read_learned_series(const nlohmann::json& configuration);

// The field of a recipe that reads series; null where it reads something else.
const SeriesField* series_field(const Fields& fields);

}  // namespace recur
