// Sequences of vectors, scaled so that each column of the training data has mean 0 and deviation 1.
#pragma once

#include <optional>

#include "data/steps_field.h"

namespace recur {

class NumbersField : public StepsField {
 public:
  struct Moments {
    std::vector<double> mean, scale;  // [width]; what is encoded is (x - mean) * scale
  };
  NumbersField(const FieldSpec& spec, std::optional<Moments> moments);

  // Under which write() has them: of a field "sequence" the bare name, as files of older formats have it; of others
  // with the field's before it.
  static std::string key_of(const FieldSpec& spec, const char* name);

  std::size_t width() const override { return moments_->mean.size(); }
  // A number of a column as layers read it, and what that was.
  float scaled(double x, std::size_t column) const {
    return static_cast<float>((x - moments_->mean[column]) * moments_->scale[column]);
  }
  double unscaled(float x, std::size_t column) const {
    return static_cast<double>(x) / moments_->scale[column] + moments_->mean[column];
  }

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool follows_input() const override { return !spec_.one_step; }
  std::string empty_problem(const Source& source, const Cell& cell) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  // Each number is visited twice: for the means and ranges, and for the deviations, which are added up as shares of the
  // range, so that no square is too small or too large.
  struct Survey {
    std::vector<std::size_t> known;  // numbers of each column; answers may be unknown
    std::vector<double> sum, squares, low, high;
    bool again = false;

    double mean(std::size_t column) const { return sum[column] / static_cast<double>(known[column]); }
    double range(std::size_t column) const { return high[column] - low[column]; }
  };
  void check_width(const Source& source, const Numbers& numbers, std::size_t width) const;

  NumbersSpec spec_;
  std::string mean_key_, scale_key_;
  std::optional<Moments> moments_;
  Survey survey_;
};

}  // namespace recur
