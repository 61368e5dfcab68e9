#include "recur/average.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/option_json.h"
#include "base/show.h"
#include "io/network_file.h"

namespace recur {
namespace {

using nlohmann::json;

struct NamedNetwork {
  const std::string& path;
  const Network& network;
};

// Throws where a value that both have by name is not the same.
template <class Fail>
void compare(const json& first, const json& other, const Fail& differs) {
  for (const auto& [name, value] : first.items()) {
    if (!other.contains(name) || other[name] != value) differs(name);
  }
}

json field_values(const Network& network) {
  json values = json::object();
  for (const auto& field : network.fields()) field->write(values);
  return values;
}

void check_alike(const NamedNetwork& first, const NamedNetwork& other) {
  if (other.network.task() != first.network.task()) {
    fail("{}: a model of the task {}; expected one of the task {}, as {} is", other.path, other.network.task(),
         first.network.task(), first.path);
  }
  const json options = options_json(first.network.options()), others = options_json(other.network.options());
  compare(options, others, [&](const std::string& name) {
    fail("{}: its --{} is {}, that of {} is {}; expected models of one configuration", other.path, name,
         quote_text(option_value(others[name])), first.path, quote_text(option_value(options[name])));
  });
  compare(field_values(first.network), field_values(other.network), [&](const std::string& name) {
    fail(
        "{}: what it learned of its data, such as a vocabulary, differs from that of {} in '{}'; expected models of "
        "the same data",
        other.path, first.path, name);
  });
}

// Of the first, without what is true of it alone.
Provenance provenance_of(const ModelFile& first, std::span<const std::string> models) {
  Provenance provenance = first.provenance();
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
    check_alike({models.front(), *mean}, {path, *other});
    const std::span<const float> more = std::as_const(*other).parameters().values();
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(more[i]);
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    values[i] = static_cast<float>(sums[i] / static_cast<double>(models.size()));
  }
  save_model(out, head_of(*mean), mean->parameters(), provenance_of(file, models));
}

}  // namespace recur
