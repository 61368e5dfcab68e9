#include "recur/average.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/option_json.h"
#include "base/show.h"
#include "io/network_file.h"
#include "tasks/ensemble.h"

namespace recur {
namespace {

using nlohmann::json;

void check_same_options(const Network& first, const Network& other) {
  const json options = options_json(first.options()), others = options_json(other.options());
  for (const auto& [name, value] : options.items()) {
    if (others.at(name) == value) continue;
    fail("its --{} is {}, the first one's {}; expected models of one configuration", name,
         quote_text(option_value(others.at(name))), quote_text(option_value(value)));
  }
}

// Throws Error naming the file of the other one.
void check_same(const Network& first, const Network& other, const std::string& path) {
  try {
    check_same_task(first, other);
    check_same_options(first, other);
    check_same_fields(first, other);
  } catch (const Error& error) {
    fail("{}: {}", path, error.what());
  }
}

// Of the first, without what is true of it alone.
json provenance_of(const ModelFile& first, std::span<const std::string> models) {
  json provenance = first.provenance();
  for (const char* own : {"step", "epoch", "valid_nats", "valid_nats_per_token", "valid_measure"}) {
    provenance.erase(own);
  }
  provenance["mean_of"] = json::array();
  for (const std::string& model : models) provenance["mean_of"].push_back(printable(model));
  return provenance;
}

}  // namespace

void average_models(std::span<const std::string> models, const std::string& out) {
  if (models.size() < 2) fail("expected two models or more, got {}", models.size());
  const ModelFile file(models.front());
  const std::unique_ptr<Network> mean = read_network(file);
  const std::span<float> values = mean->parameters().values();
  std::vector<double> sums(values.begin(), values.end());
  for (const std::string& path : models.subspan(1)) {
    const std::unique_ptr<Network> other = read_network(ModelFile(path));
    check_same(*mean, *other, path);
    const std::span<const float> more = std::as_const(*other).parameters().values();
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(more[i]);
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    values[i] = static_cast<float>(sums[i] / static_cast<double>(models.size()));
  }
  save_model(out, head_of(*mean), mean->parameters(),
             provenance_of(file, models).dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace recur
