#include "infer/token_choice.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr float kNever = -1e30F;  // a logit that leaves no probability

std::vector<int> ids_of(const char* flag, const std::vector<std::string>& tokens,
                        const std::function<std::optional<int>(const std::string& token)>& id) {
  std::vector<int> ids;
  for (const std::string& token : tokens) {
    const std::optional<int> known = id(token);
    if (!known)
      fail("{}: expected a token of the model's vocabulary, got {}; recur predict --tokens shows how they are spelled",
           flag, quote(token));
    ids.push_back(*known);
  }
  return ids;
}

}  // namespace

WritableTokens WritableTokens::of(const Generation& options, std::size_t vocabulary, std::vector<int> never,
                                  std::optional<int> end,
                                  const std::function<std::optional<int>(const std::string& token)>& id) {
  const std::vector<int> banned = ids_of("--ban", options.banned, id);
  never.insert(never.end(), banned.begin(), banned.end());
  std::vector<int> allowed = ids_of("--only", options.allowed, id);
  if (!allowed.empty()) {
    if (end) allowed.push_back(*end);
    std::ranges::sort(allowed);
    std::vector<int> all(vocabulary);
    std::iota(all.begin(), all.end(), 0);
    std::ranges::set_difference(all, allowed, std::back_inserter(never));
  }
  std::ranges::sort(never);
  never.erase(std::unique(never.begin(), never.end()), never.end());
  if (never.size() == vocabulary) fail("--ban, --only: leave no token that may be written");
  return {std::move(never)};
}

TokenChoice::TokenChoice(const Generation& options, std::uint64_t seed, const WritableTokens& tokens, Sampler& sampler)
    : penalty_(options.repetition_penalty),
      window_(penalty_ == 1 ? 0 : options.repetition_window),
      tokens_(&tokens),
      sampler_(&sampler),
      random_(seed, RandomPurpose::sample) {
  if (!(penalty_ >= 1 && std::isfinite(penalty_))) {
    fail("--repetition-penalty: expected a number of at least 1 (none), got {}", penalty_);
  }
}

void TokenChoice::note(int token) {
  recent_.push_back(token);
  if (recent_.size() > window_) recent_.pop_front();
}

int TokenChoice::choose(std::span<float> logits) {
  make_repetition_unlikely(logits);
  for (const int token : tokens_->never) logits[static_cast<std::size_t>(token)] = kNever;
  const int token = sampler_->pick(logits, random_.uniform64(chosen_++));
  note(token);
  return token;
}

// However often a token is there.
void TokenChoice::make_repetition_unlikely(std::span<float> logits) {
  penalised_.assign(recent_.begin(), recent_.end());
  std::ranges::sort(penalised_);
  penalised_.erase(std::unique(penalised_.begin(), penalised_.end()), penalised_.end());
  for (const int token : penalised_) {
    float& logit = logits[static_cast<std::size_t>(token)];
    logit = logit > 0 ? logit / penalty_ : logit * penalty_;
  }
}

}  // namespace recur
