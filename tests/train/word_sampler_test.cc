// Negatives and the tree of hierarchical softmax.
#include "train/word_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

#include "train/embedding_worker.h"
#include "train/word_tree.h"

namespace recur::word_sampler_test {
namespace {

const std::vector<std::uint64_t> kCounts = {1000, 300, 299, 40, 7, 1, 1};

std::vector<double> shares(const std::vector<std::uint64_t>& counts, std::size_t without) {
  std::vector<double> shares;
  for (const std::uint64_t count : counts) shares.push_back(std::pow(static_cast<double>(count), 0.75));
  if (without < shares.size()) shares[without] = 0;
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

TEST(WordSampler, DrawsByTheCountToThePowerOf075AndNeverTheTarget) {
  const WordSampler sampler(kCounts, 0.75);
  RandomWords random(Random(1, RandomPurpose::test), 0);
  constexpr int kDraws = 200'000;
  for (const int target : {-1, 0, 3, 6}) {
    std::vector<int> drawn(kCounts.size());
    for (int i = 0; i < kDraws; ++i) ++drawn[sampler.draw_other(target, [&] { return random.next(); })];
    const std::vector<double> expected = shares(kCounts, static_cast<std::size_t>(target));
    if (target >= 0) {
      EXPECT_EQ(drawn[target], 0);
    }
    for (std::size_t w = 0; w < kCounts.size(); ++w) {
      const double deviation = std::sqrt(expected[w] * (1 - expected[w]) / kDraws);
      EXPECT_NEAR(static_cast<double>(drawn[w]) / kDraws, expected[w], 5 * deviation) << w;
    }
  }
}

TEST(WordSampler, OfEqualCountsAllAreEquallyLikely) {
  const WordSampler sampler(std::vector<std::uint64_t>(5, 3), 0.75);
  for (std::uint32_t box = 0; box < 5; ++box) {
    EXPECT_EQ(sampler.draw(static_cast<std::uint32_t>((std::uint64_t{box} << 32) / 5 + 1), 0xFFFFFFFFU),
              static_cast<int>(box));
  }
}

// The least sum of count times length that any tree has (Huffman).
std::uint64_t least_cost(const std::vector<std::uint64_t>& counts) {
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> queue(counts.begin(), counts.end());
  std::uint64_t cost = 0;
  while (queue.size() > 1) {
    std::uint64_t sum = queue.top();
    queue.pop();
    sum += queue.top();
    queue.pop();
    cost += sum;
    queue.push(sum);
  }
  return cost;
}

TEST(WordTree, IsHuffmans) {
  for (const std::vector<std::uint64_t>& counts : {kCounts, {2, 1}, {5, 5, 5, 5, 5}, {8, 4, 2, 1, 1}}) {
    const WordTree tree(counts);
    EXPECT_EQ(tree.nodes(), counts.size() - 1);
    std::uint64_t cost = 0;
    double leaves = 0;  // Kraft: of a whole tree the sum is 1
    for (std::size_t w = 0; w < counts.size(); ++w) {
      const auto way = tree.way_to(static_cast<int>(w));
      cost += counts[w] * way.size();
      leaves += std::pow(0.5, static_cast<double>(way.size()));
      EXPECT_EQ(way.front().node, static_cast<int>(tree.nodes()) - 1) << "the root is made last";
      for (std::size_t other = 0; other < w; ++other) {
        const auto a = tree.way_to(static_cast<int>(other));
        const auto differ = std::ranges::mismatch(
            a, way, [](const auto& s, const auto& t) { return s.node == t.node && s.label == t.label; });
        ASSERT_TRUE(differ.in1 != a.end() && differ.in2 != way.end()) << "no word on another's way";
        EXPECT_EQ(differ.in1->node, differ.in2->node) << "they part at a node";
      }
    }
    EXPECT_EQ(cost, least_cost(counts));
    EXPECT_EQ(leaves, 1);
  }
}

}  // namespace
}  // namespace recur::word_sampler_test
