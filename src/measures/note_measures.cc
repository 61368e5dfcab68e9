#include "measures/note_measures.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace recur {
namespace {

class NoteMeasures : public Measures {
 public:
  explicit NoteMeasures(const NextNotesSpec& spec) : spec_(spec) {}

  void add(const Prediction& prediction, const Cell& /*wanted*/, const Cell& input) override {
    const auto& steps = std::get<NotesPrediction>(prediction).steps;
    const Numbers& roll = std::get<Numbers>(input);
    for (std::size_t t = 0; t < steps.size(); ++t) {
      const double* const sounds = roll.values.data() + t * roll.width;
      const auto right = static_cast<std::uint64_t>(
          std::ranges::count_if(steps[t], [&](int note) { return sounds[static_cast<std::size_t>(note)] > 0; }));
      right_ += right;
      either_ += steps[t].size() - right +
                 static_cast<std::uint64_t>(std::count_if(sounds, sounds + roll.width, [](double x) { return x > 0; }));
    }
  }
  std::string_view input_field() const override { return spec_.field; }
  nlohmann::ordered_json metrics(const LossSum& loss, const Records& records) const override {
    return {{"pieces", records.size()},
            {"steps", loss.predictions},
            {"nats_per_step", loss.mean()},
            {"accuracy", or_null(either_ > 0, static_cast<double>(right_) / static_cast<double>(either_))}};
  }

 private:
  NextNotesSpec spec_;
  std::uint64_t right_ = 0, either_ = 0;  // notes that sound and are predicted; that do either
};

}  // namespace

std::unique_ptr<Measures> make_note_measures(const NextNotesSpec& spec) { return std::make_unique<NoteMeasures>(spec); }

}  // namespace recur
