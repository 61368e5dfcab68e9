#include "nn/sample_outputs.h"

#include <optional>

#include "nn/sampler.h"

namespace recur {
namespace {

struct Live {
  std::size_t source, draw;
  std::size_t from;  // its row in the decoder's last step
  std::size_t last;  // its last token
  double log_probability;
};

class Drawer {
 public:
  Drawer(const SamplingOptions& sampling, std::size_t most_tokens) : sampler_(sampling, most_tokens) {}

  // One of the tokens that are allowed, by their log probabilities in `row`.
  int operator()(std::span<const float> row, std::span<const int> barred, int end, double uniform) {
    allowed_.clear();
    logits_.clear();
    for_allowed(row.size(), barred, end, [&](int token) {
      allowed_.push_back(token);
      logits_.push_back(row[static_cast<std::size_t>(token)]);
    });
    return allowed_[static_cast<std::size_t>(sampler_.pick(logits_, uniform))];
  }

 private:
  Sampler sampler_;
  std::vector<int> allowed_;
  std::vector<float> logits_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> sample_outputs(BeamDecoder& decoder, std::span<const std::size_t> most_tokens,
                                                    const BeamOptions& options, const SamplingOptions& sampling,
                                                    std::span<const Noise> noise) {
  Writing writing(options);
  std::vector<std::vector<Hypothesis>> done(most_tokens.size(), std::vector<Hypothesis>(options.n_best));
  std::vector<Live> live;
  std::vector<int> tokens(most_tokens.size(), options.begin);
  std::vector<std::size_t> from;
  std::optional<Drawer> draw;
  for (std::size_t source = 0; source < most_tokens.size(); ++source) {
    from.push_back(source);
    for (std::size_t d = 0; d < options.n_best; ++d) live.push_back({source, d, source, Writing::kNone, 0});
  }
  for (std::size_t length = 1; !live.empty(); ++length) {
    const BeamDecoder::Step result = decoder.step(tokens, from);
    if (!draw) draw.emplace(sampling, result.log_probabilities.columns);  // of all sources, so at its widest
    std::vector<Live> next;
    tokens.clear();
    from.clear();
    for (const Live& l : live) {
      const std::span<const float> row = result.of(l.from);
      const Noise& own = noise[l.source];
      const double uniform = own.child(l.draw).stream().uniform64(own.position() + length - 1);
      const int token = (*draw)(row, writing.barred(l.last, length), options.end, uniform);
      const std::span<const float> looked =
          result.attention.empty() ? std::span<const float>() : result.attention[l.from];
      const std::size_t place = writing.add(token, l.last, looked);
      const double log_probability = l.log_probability + static_cast<double>(row[static_cast<std::size_t>(token)]);
      if (token == options.end || length >= most_tokens[l.source]) {
        done[l.source][l.draw] = writing.output(place, log_probability);
        continue;
      }
      tokens.push_back(token);
      from.push_back(l.from);
      next.push_back({l.source, l.draw, next.size(), place, log_probability});
    }
    live = std::move(next);
  }
  return done;
}

}  // namespace recur
