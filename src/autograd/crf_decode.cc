#include <algorithm>
#include <cassert>
#include <queue>
#include <vector>

#include "autograd/crf.h"
#include "autograd/crf_sums.h"
#include "base/threads.h"

namespace recur {

void crf_decode(const ConstMatrix& emissions, const Parameter& transitions, const Parameter& starts,
                const Parameter& ends, const Steps& steps, std::span<int> best) {
  const std::size_t tags = emissions.columns;
  assert(emissions.rows == steps.total() && best.size() == steps.total());
  std::vector<int> previous(steps.total() * tags);       // the best tag before each
  std::vector<double> scores(steps.batch() * 2 * tags);  // of the best tags up to a step that end in each tag
  parallel_for(steps.batch(), [&](std::size_t row) {
    double *here = scores.data() + row * 2 * tags, *before = here + tags;
    const std::size_t length = steps.length_of(row);
    for (std::size_t t = 0; t < length; ++t) {
      const std::size_t at = steps.offset(t) + row;
      std::swap(here, before);
      int* from = previous.data() + at * tags;
      for (std::size_t j = 0; j < tags; ++j) here[j] = static_cast<double>(starts.value[j]);
      for (std::size_t i = 0; i < tags && t > 0; ++i) {
        const float* to = transitions.value + i * tags;
        for (std::size_t j = 0; j < tags; ++j) {
          const double score = before[i] + static_cast<double>(to[j]);
          if (i > 0 && !(score > here[j])) continue;
          here[j] = score;
          from[j] = static_cast<int>(i);
        }
      }
      for (std::size_t j = 0; j < tags; ++j) here[j] += static_cast<double>(emissions.data[at * emissions.stride + j]);
    }
    for (std::size_t j = 0; j < tags; ++j) here[j] += static_cast<double>(ends.value[j]);
    auto tag = static_cast<int>(std::max_element(here, here + tags) - here);
    for (std::size_t t = length; t-- > 0;) {
      const std::size_t at = steps.offset(t) + row;
      best[at] = tag;
      tag = previous[at * tags + static_cast<std::size_t>(tag)];
    }
  });
}

void crf_marginals(const ConstMatrix& emissions, const Parameter& transitions, const Parameter& starts,
                   const Parameter& ends, const Steps& steps, std::span<const int> tags,
                   std::span<float> probabilities) {
  assert(tags.size() == steps.total() && probabilities.size() == steps.total());
  Arena arena;
  const crf::Chain chain = crf::chain_of(arena, emissions, transitions, starts, ends, steps);
  const std::size_t count = chain.tags;
  double* const alpha = arena.take<double>(steps.total(), count).data();
  double* const scratch = arena.take<double>(steps.batch(), 5 * count).data();
  parallel_for(steps.batch(), [&](std::size_t row) {
    double* const own = scratch + row * 5 * count;
    crf::forward(chain, row, alpha, own);
    crf::Backward back(own, count);
    double* const p = own + 4 * count;
    back.begin(chain);
    const std::size_t length = steps.length_of(row);
    for (std::size_t t = length; t-- > 0;) {
      if (t + 1 < length) back.step(chain, row, t);
      const std::size_t at = chain.at(row, t);
      crf::marginals(count, alpha + at * count, back.beta, p);
      probabilities[at] = static_cast<float>(p[tags[at]]);
    }
  });
}

namespace {

// A beginning of a sequence: its score, and the last but one of its tags, of whose best it goes on with the rank-th.
struct Beginning {
  double score;
  int tag, rank;

  // The better; of equals that from the lower tag.
  bool operator<(const Beginning& other) const { return score != other.score ? score < other.score : tag > other.tag; }
};

// The n best ways on from `before`, for each tag its best, the best first; each adds added(tag).
template <class Added>
std::vector<Beginning> best_of(const std::vector<std::vector<Beginning>>& before, std::size_t n, const Added& added) {
  std::priority_queue<Beginning> queue;
  const auto push = [&](std::size_t tag, std::size_t rank) {
    if (rank == before[tag].size()) return;
    queue.push({before[tag][rank].score + added(tag), static_cast<int>(tag), static_cast<int>(rank)});
  };
  for (std::size_t tag = 0; tag < before.size(); ++tag) push(tag, 0);
  std::vector<Beginning> best;
  while (best.size() < n && !queue.empty()) {
    best.push_back(queue.top());
    queue.pop();
    push(static_cast<std::size_t>(best.back().tag), static_cast<std::size_t>(best.back().rank) + 1);
  }
  return best;
}

std::vector<TagPath> best_paths(const crf::Chain& chain, std::size_t row, std::size_t n, double log_partition) {
  const std::size_t length = chain.steps->length_of(row);
  // Of each step and tag those that end there.
  std::vector<std::vector<std::vector<Beginning>>> best(length, std::vector<std::vector<Beginning>>(chain.tags));
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t j = 0; j < chain.tags; ++j) {
      std::vector<Beginning>& here = best[t][j];
      if (t == 0) here = {{static_cast<double>(chain.starts[j]), 0, 0}};
      if (t > 0) here = best_of(best[t - 1], n, [&](std::size_t i) { return chain.transition(i, j); });
      for (Beginning& beginning : here) beginning.score += chain.emission(chain.at(row, t), j);
    }
  }
  std::vector<TagPath> paths;
  for (Beginning end : best_of(best.back(), n, [&](std::size_t j) { return static_cast<double>(chain.ends[j]); })) {
    if (!paths.empty() && end.score < kForbidden / 2) break;
    TagPath& path = paths.emplace_back(TagPath{std::vector<int>(length), end.score - log_partition});
    for (std::size_t t = length; t-- > 0;) {
      path.tags[t] = end.tag;
      end = best[t][static_cast<std::size_t>(end.tag)][static_cast<std::size_t>(end.rank)];
    }
  }
  return paths;
}

}  // namespace

std::vector<std::vector<TagPath>> crf_best(const ConstMatrix& emissions, const Parameter& transitions,
                                           const Parameter& starts, const Parameter& ends, const Steps& steps,
                                           std::size_t n) {
  Arena arena;
  const crf::Chain chain = crf::chain_of(arena, emissions, transitions, starts, ends, steps);
  double* const alpha = arena.take<double>(steps.total(), chain.tags).data();
  double* const scratch = arena.take<double>(steps.batch(), 2 * chain.tags).data();
  std::vector<std::vector<TagPath>> best(steps.batch());
  parallel_attempts(steps.batch(), [&](std::size_t row) {
    const double log_partition = crf::forward(chain, row, alpha, scratch + row * 2 * chain.tags);
    best[row] = best_paths(chain, row, n, log_partition);
  });
  return best;
}

}  // namespace recur
