#include "infer/chord_sampler.h"

#include <cmath>

#include "base/philox.h"
#include "data/notes_field.h"

namespace recur {

std::vector<int> pick_chord(std::span<const float> logits, float temperature, std::uint64_t seed, std::size_t step) {
  const Random random(seed, RandomPurpose::sample);
  std::vector<int> notes;
  for (std::size_t key = 0; key < logits.size(); ++key) {
    const double logit = static_cast<double>(logits[key]);
    const double probability = 1 / (1 + std::exp(-logit / static_cast<double>(temperature)));
    const bool sounds =
        temperature == 0 ? logit > 0 : static_cast<double>(random.uniform(step * logits.size() + key)) < probability;
    if (sounds) notes.push_back(static_cast<int>(kFirstKey + key));
  }
  return notes;
}

}  // namespace recur
