#include "nn/heads/temperature.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"

namespace recur {
namespace {

constexpr const char* kName = "temperature";
constexpr double kMostLog = 3;

}  // namespace

void Temperature::fit(const std::function<double(double inverse)>& slope) {
  constexpr int kHalvings = 48;
  double low = -kMostLog, high = kMostLog;  // of log T, between which the derivative changes its sign
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2, inverse = std::exp(-middle);
    (middle - inverse * slope(inverse) < 0 ? low : high) = middle;
  }
  value_ = std::exp((low + high) / 2);
}

void Temperature::write(nlohmann::json& configuration) const { configuration[kName] = value_; }

void Temperature::read(const nlohmann::json& configuration) {
  if (!configuration.contains(kName)) return;
  ReadFields{configuration}(kName, value_);
  if (value_ >= std::exp(-kMostLog) && value_ <= std::exp(kMostLog)) return;
  fail("its configuration's '{}' is {}; expected a number from {:.3g} to {:.3g}", kName, value_, std::exp(-kMostLog),
       std::exp(kMostLog));
}

}  // namespace recur
