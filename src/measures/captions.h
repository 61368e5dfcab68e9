// How good captions are, by the measures of COCO's evaluation.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "measures/bleu.h"
#include "measures/cider.h"
#include "measures/output_groups.h"

namespace recur {

class CaptionScores {
 public:
  // A group is a picture, and what was wanted are its references. Words are those of caption_words().
  explicit CaptionScores(std::span<const OutputGroup> groups);

  std::size_t pictures() const { return references_.size(); }

  // Of the groups' outputs.
  double cider() const { return cider_.mean(outputs_); }
  Bleu bleu() const { return bleu_of(outputs_); }
  // From 0 to 100: the mean of F, which weighs recall 1.2 times as much as precision, of the longest common
  // subsequence: both as with the reference that gives the highest. Not RougeScores::rouge_l.
  double rouge_l() const;

  // What a model that sees nothing could reach: the caption, of the references themselves, that has the highest mean
  // CIDEr when it is said of every picture. It is generous to that model, which would have to know what is measured.
  // Of more than 500 references every k-th is tried.
  struct Constant {
    std::string caption;
    double bleu_1 = 0, bleu_4 = 0, cider = 0;
  };
  Constant best_constant() const;

 private:
  using Words = Cider::Words;
  Bleu bleu_of(std::span<const Words> captions) const;

  std::vector<std::vector<Words>> references_;  // of each picture
  std::vector<Words> outputs_;
  Cider cider_;
};

}  // namespace recur
