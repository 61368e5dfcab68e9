#include "nn/force_outputs.h"

namespace recur {

std::vector<std::vector<double>> force_outputs(BeamDecoder& decoder, std::span<const std::vector<int>> outputs,
                                               int begin) {
  std::vector<std::vector<double>> scores(outputs.size());
  std::vector<std::size_t> live(outputs.size()), from(outputs.size());  // sources; rows of the decoder's last step
  for (std::size_t source = 0; source < outputs.size(); ++source) live[source] = from[source] = source;
  std::vector<int> tokens(outputs.size(), begin);
  for (std::size_t t = 0; !live.empty(); ++t) {
    const BeamDecoder::Step result = decoder.step(tokens, from);
    std::vector<std::size_t> next;
    tokens.clear();
    from.clear();
    for (std::size_t row = 0; row < live.size(); ++row) {
      const std::vector<int>& output = outputs[live[row]];
      scores[live[row]].push_back(static_cast<double>(result.of(row)[static_cast<std::size_t>(output[t])]));
      if (t + 1 == output.size()) continue;
      next.push_back(live[row]);
      tokens.push_back(output[t]);
      from.push_back(row);
    }
    live = std::move(next);
  }
  return scores;
}

}  // namespace recur
