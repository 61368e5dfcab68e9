#include "infer/word_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/arena.h"
#include "data/token_scanner.h"
#include "kernels/product.h"
#include "measures/edit_distance.h"

namespace recur {
namespace {

std::vector<std::string> letters_of(std::string_view word) {
  TokenScanner scanner(word, TokenizerKind::character, "the word");
  std::vector<std::string> letters;
  while (scanner.next()) letters.emplace_back(scanner.piece());
  return letters;
}

// The best of a row of products.
std::vector<WordSearch::Found> best_of(std::span<const float> products, const std::vector<int>& without,
                                       std::size_t count) {
  std::vector<WordSearch::Found> found;
  for (std::size_t w = 0; w < products.size(); ++w) {
    const int word = static_cast<int>(w);
    if (std::ranges::find(without, word) == without.end()) found.push_back({word, products[w]});
  }
  const std::size_t kept = std::min(count, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(kept), found.end(),
                    [](const auto& a, const auto& b) {
                      return a.similarity > b.similarity || (a.similarity == b.similarity && a.word < b.word);
                    });
  found.resize(kept);
  return found;
}

}  // namespace

void normalise(std::span<float> vector) {
  double square = 0;
  for (const float x : vector) square += static_cast<double>(x) * static_cast<double>(x);
  if (square == 0) return;
  const double scale = 1 / std::sqrt(square);
  for (float& x : vector) x = static_cast<float>(static_cast<double>(x) * scale);
}

WordSearch::WordSearch(EmbeddingTable table)
    : table_(std::move(table)), vocabulary_(table_.words), directions_(table_.vectors) {
  for (std::size_t w = 0; w < table_.words.size(); ++w) {
    normalise(std::span(directions_).subspan(w * table_.width, table_.width));
  }
  for (std::size_t i = 0; i < table_.ngrams.size(); ++i) ngrams_.emplace(table_.ngrams[i], i);
}

int WordSearch::place(std::string_view word) const {
  if (const auto id = vocabulary_.id(word)) return *id;
  return vocabulary_.id(lower_case(word)).value_or(-1);
}

std::vector<float> WordSearch::direction(std::string_view word) const {
  const std::size_t width = table_.width;
  if (const int id = place(word); id >= 0) {
    const auto begin = directions_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(id) * width);
    return {begin, begin + static_cast<std::ptrdiff_t>(width)};
  }
  std::vector<float> sum(width);
  bool any = false;
  const auto add = [&](const std::string& spelling) {
    for (const std::uint64_t hash : letter_ngrams(spelling, table_.letters)) {
      const auto known = ngrams_.find(hash);
      if (known == ngrams_.end()) continue;
      any = true;
      for (std::size_t k = 0; k < width; ++k) sum[k] += table_.ngram_vectors[known->second * width + k];
    }
  };
  add(std::string(word));
  if (!any) add(lower_case(word));
  if (!any) return {};
  normalise(sum);
  return sum;
}

const std::string& WordSearch::nearest_spelling(std::string_view word) const {
  const std::vector<std::string> wanted = letters_of(lower_case(word));
  const std::string* nearest = &table_.words.front();
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const std::string& known : table_.words) {
    const std::vector<std::string> letters = letters_of(known);
    const std::size_t longer = std::max(letters.size(), wanted.size()),
                      shorter = std::min(letters.size(), wanted.size());
    if (longer - shorter >= least) continue;  // it has at least so many other letters
    const std::size_t distance = edit_distance(wanted, letters);
    if (distance >= least) continue;
    least = distance;
    nearest = &known;
  }
  return *nearest;
}

std::vector<std::vector<WordSearch::Found>> WordSearch::search(std::span<const Query> queries,
                                                               std::size_t count) const {
  constexpr std::size_t kMostProducts = std::size_t{1} << 24;  // at once
  const std::size_t words = table_.words.size(), width = table_.width;
  const std::size_t rows = std::clamp<std::size_t>(kMostProducts / words, 1, queries.size());
  Arena arena;
  const PackedMatrix packed = pack_transposed({directions_.data(), words, width, width}, arena);
  std::vector<float> asked(rows * width), products(rows * words);
  std::vector<std::vector<Found>> found;
  for (std::size_t first = 0; first < queries.size(); first += rows) {
    const std::size_t n = std::min(rows, queries.size() - first);
    for (std::size_t i = 0; i < n; ++i) {
      std::ranges::copy(queries[first + i].direction, asked.begin() + static_cast<std::ptrdiff_t>(i * width));
    }
    multiply({asked.data(), n, width, width}, packed, {ProductStart::From::zero}, {products.data(), n, words, words});
    for (std::size_t i = 0; i < n; ++i) {
      found.push_back(best_of(std::span(products).subspan(i * words, words), queries[first + i].without, count));
    }
  }
  return found;
}

}  // namespace recur
