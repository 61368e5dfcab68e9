#include "measures/captions.h"

#include <algorithm>

#include "measures/rouge.h"

namespace recur {
namespace {

std::vector<std::vector<Cider::Words>> references_of(std::span<const OutputGroup> groups) {
  std::vector<std::vector<Cider::Words>> references;
  for (const OutputGroup& group : groups) {
    auto& of_picture = references.emplace_back();
    for (const std::string& text : group.wanted) of_picture.push_back(caption_words(text));
  }
  return references;
}

std::vector<Cider::Words> outputs_of(std::span<const OutputGroup> groups) {
  std::vector<Cider::Words> outputs;
  for (const OutputGroup& group : groups) outputs.push_back(caption_words(group.output));
  return outputs;
}

double rouge_l_of(std::span<const Cider::Words> references, const Cider::Words& caption) {
  constexpr double kSquare = 1.2 * 1.2;
  double precision = 0, recall = 0;
  for (const Cider::Words& reference : references) {
    const auto common = static_cast<double>(common_length(reference, caption));
    if (common == 0) continue;
    precision = std::max(precision, common / static_cast<double>(caption.size()));
    recall = std::max(recall, common / static_cast<double>(reference.size()));
  }
  return precision == 0 ? 0 : (1 + kSquare) * precision * recall / (recall + kSquare * precision);
}

}  // namespace

CaptionScores::CaptionScores(std::span<const OutputGroup> groups)
    : references_(references_of(groups)), outputs_(outputs_of(groups)), cider_(references_) {}

Bleu CaptionScores::bleu_of(std::span<const Words> captions) const {
  Bleu bleu;
  for (std::size_t i = 0; i < captions.size(); ++i) bleu.add(references_[i], captions[i]);
  return bleu;
}

double CaptionScores::rouge_l() const {
  double sum = 0;
  for (std::size_t i = 0; i < outputs_.size(); ++i) sum += rouge_l_of(references_[i], outputs_[i]);
  return 100 * sum / static_cast<double>(outputs_.size());
}

CaptionScores::Constant CaptionScores::best_constant() const {
  constexpr std::size_t kMost = 500;
  std::vector<const Words*> all;
  for (const auto& of_picture : references_) {
    for (const Words& reference : of_picture) all.push_back(&reference);
  }
  const std::size_t step = (all.size() + kMost - 1) / kMost;
  const Words* best = nullptr;
  double cider = -1;
  for (std::size_t i = 0; i < all.size(); i += step) {
    const double mean = cider_.mean_of_one(*all[i]);
    if (mean <= cider) continue;
    cider = mean;
    best = all[i];
  }
  std::string caption;
  for (const std::string& word : *best) caption += (caption.empty() ? "" : " ") + word;
  const Bleu bleu = bleu_of(std::vector<Words>(references_.size(), *best));
  return {caption, bleu.score(1), bleu.score(), cider};
}

}  // namespace recur
