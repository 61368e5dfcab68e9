#include "api/training_sample.h"

#include <memory>
#include <string>

#include "data/endless_text_field.h"
#include "infer/generate.h"

namespace recur {
namespace {

constexpr std::size_t kLength = 200;  // tokens

void sample(const Network& network, const TrainingSamples& samples, std::uint64_t step) {
  const LabelField* labels = network.conditions();
  std::string label;
  if (labels != nullptr) {
    const std::vector<std::string>& names = labels->names();
    label = names[(step / samples.every - 1) % names.size()];
  }
  Generation how;
  how.length = kLength;
  how.seed = step;
  Author author(network, std::make_shared<const NetworkStepper>(step_network(network)), label, how);
  std::string text;
  generate(author, [&](std::string_view piece) { text += piece; });
  samples.use(step, label, text);
}

}  // namespace

std::function<void(std::uint64_t step)> sample_of(const Network& network, const TrainingSamples& samples) {
  const bool writes = line_field(network) != nullptr || endless_text(network.fields()) != nullptr;
  if (!writes || samples.every == 0) return {};
  return [&](std::uint64_t step) { sample(network, samples, step); };
}

}  // namespace recur
