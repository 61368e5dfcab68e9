#include "measures/image_measures.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace recur {
namespace {

// The loss says it all.
class ImageMeasures : public Measures {
 public:
  explicit ImageMeasures(const ImageField& image) : image_(image) {}

  void add(const Prediction& /*prediction*/, const Cell& /*wanted*/, const Cell& /*input*/) override {}
  nlohmann::ordered_json metrics(const LossSum& loss, const Records& records) const override {
    return {{"pictures", records.size()},
            {"nats_per_picture", loss.mean()},
            {"bits_per_dimension", loss.mean() / std::log(2.0) / static_cast<double>(image_.pixels())}};
  }

 private:
  const ImageField& image_;
};

}  // namespace

std::unique_ptr<Measures> make_image_measures(const ImageField& image) {
  return std::make_unique<ImageMeasures>(image);
}

}  // namespace recur
