// Searches against the sum over all paths.
#include "nn/ctc_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "kernels/softmax.h"
#include "support/gradient_check.h"
#include "support/whims.h"

namespace recur::ctc_search_test {
namespace {

struct Case {
  Case(std::size_t steps, std::size_t count, int blank, std::uint64_t seed, double range = 2)
      : log_p(random_floats(steps * count, range, seed)),
        search{{log_p.data(), steps, count, count}, blank, {}},
        outputs(count) {
    for (std::size_t t = 0; t < steps; ++t) log_softmax({log_p.data() + t * outputs, outputs});
  }
  double at(std::size_t step, int output) const {
    return static_cast<double>(log_p[step * outputs + static_cast<std::size_t>(output)]);
  }

  std::vector<float> log_p;
  CtcSearch search;
  std::size_t outputs;
};

// Calls visit(path, what it writes, its log p) for all paths.
template <class Visit>
void for_paths(const Case& c, const Visit& visit) {
  const std::size_t steps = c.search.log_probabilities.rows;
  std::vector<int> path(steps, 0);
  for (std::size_t t = 0; t < steps;) {
    Tokens written;
    double log_p = 0;
    for (std::size_t u = 0; u < steps; ++u) {
      log_p += c.at(u, path[u]);
      if (path[u] != c.search.blank && (u == 0 || path[u] != path[u - 1])) written.push_back(path[u]);
    }
    visit(path, written, log_p);
    for (t = 0; t < steps && ++path[t] == static_cast<int>(c.outputs); ++t) path[t] = 0;
  }
}

TEST(CtcSearch, AWideBeamFindsWhatAllPathsSay) {
  for (const bool whims : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      const Case c(6, 3, seed % 2 == 0 ? 2 : 0, seed);
      std::map<Tokens, double> sums;
      for_paths(
          c, [&](const std::vector<int>&, const Tokens& written, double log_p) { sums[written] += std::exp(log_p); });
      std::vector<ScoredText> expected;
      for (const auto& [tokens, p] : sums) {
        const std::optional<double> more = whims ? Whims::whole(tokens) : 0;
        if (more) expected.push_back({tokens, std::log(p) + *more});
      }
      std::ranges::stable_sort(expected, std::greater<>(), &ScoredText::score);
      Whims scorer;
      const auto found = ctc_beam(c.search, 10'000, 1000, whims ? &scorer : nullptr);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < std::min<std::size_t>(expected.size(), 10); ++i) {
        EXPECT_EQ(found[i].tokens, expected[i].tokens) << "seed " << seed << ", place " << i;
        EXPECT_NEAR(found[i].score, expected[i].score, 1e-9);
      }
      // A narrow one finds texts that there are, with no more than what their paths say.
      for (const ScoredText& text : ctc_beam(c.search, 2, 2, nullptr)) {
        EXPECT_LE(text.score, std::log(sums.at(text.tokens)) + 1e-9);
      }
    }
  }
}

TEST(CtcSearch, TheBestPathIsTheMostProbableOutputOfEachStep) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Case c(7, 3, 1, seed);
    double most = -1e9;
    Tokens best;
    for_paths(c, [&](const std::vector<int>&, const Tokens& written, double log_p) {
      if (log_p > most) best = written;
      most = std::max(most, log_p);
    });
    EXPECT_EQ(ctc_best_path(c.search).tokens, best);
    EXPECT_NEAR(ctc_best_path(c.search).score, most, 1e-9);
  }
}

TEST(CtcSearch, OutputsThatAreNeverWrittenAreNot) {
  Case c(6, 4, 3, 9);
  const std::vector<int> never = {0, 2};
  c.search.never = never;
  for (const int token : ctc_best_path(c.search).tokens) EXPECT_EQ(token, 1);
  for (const ScoredText& text : ctc_beam(c.search, 20, 20, nullptr)) {
    for (const int token : text.tokens) EXPECT_EQ(token, 1);
  }
}

TEST(CtcSearch, PlacesAreThoseOfTheMostProbablePath) {
  for (const Tokens& tokens : {Tokens{0, 1}, Tokens{1, 1, 0}, Tokens{0}, Tokens{0, 0, 0, 1}}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const Case c(7, 3, 2, seed);
      double most = -1e9;
      std::vector<int> best;
      for_paths(c, [&](const std::vector<int>& path, const Tokens& written, double log_p) {
        if (written != tokens || log_p <= most) return;
        most = log_p;
        best = path;
      });
      std::vector<TokenPlace> expected;
      for (std::size_t t = 0; t < best.size(); ++t) {
        if (best[t] == c.search.blank) continue;
        if (t == 0 || best[t] != best[t - 1]) expected.push_back({t, t});
        expected.back().last = t;
      }
      const std::vector<TokenPlace> places = ctc_places(c.search, tokens);
      ASSERT_EQ(places.size(), expected.size());
      for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_EQ(places[i].first, expected[i].first);
        EXPECT_EQ(places[i].last, expected[i].last);
      }
    }
  }
  const Case c(3, 3, 2, 1);
  EXPECT_TRUE(ctc_places(c.search, {}).empty());
}

}  // namespace
}  // namespace recur::ctc_search_test
