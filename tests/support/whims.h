// A scorer for searches of texts.
#pragma once

#include <optional>
#include <vector>

#include "nn/text_search.h"

namespace recur {

using Tokens = std::vector<int>;

// Even tokens are welcome, three of a kind are not, and a text may only end after token 0 or at once.
class Whims : public TextScorer {
 public:
  std::size_t begin() override {
    texts_ = {{}};
    return 0;
  }
  std::optional<double> score(std::size_t text, int token) override { return added(texts_[text], token); }
  std::size_t append(std::size_t text, int token) override {
    texts_.push_back(texts_[text]);
    texts_.back().push_back(token);
    return texts_.size() - 1;
  }
  std::optional<double> end(std::size_t text) override { return ended(texts_[text]); }

  static std::optional<double> added(const Tokens& text, int token) {
    if (text.size() >= 2 && text.back() == token && text[text.size() - 2] == token) return {};
    return token % 2 == 0 ? 0.75 : -0.5 * static_cast<double>(text.size());
  }
  static std::optional<double> ended(const Tokens& text) {
    if (!text.empty() && text.back() != 0) return {};
    return 0.125 * static_cast<double>(text.size());
  }
  static std::optional<double> whole(const Tokens& text) {
    double sum = 0;
    Tokens before;
    for (const int token : text) {
      const std::optional<double> more = added(before, token);
      if (!more) return {};
      sum += *more;
      before.push_back(token);
    }
    const std::optional<double> end = ended(text);
    return end ? std::optional(sum + *end) : std::nullopt;
  }

 private:
  std::vector<Tokens> texts_;
};

}  // namespace recur
