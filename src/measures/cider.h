// How well captions agree with what people say of the same pictures: CIDEr-D (Vedantam, Zitnick & Parikh 2015), as the
// evaluation of COCO's captions computes it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace recur {

// A caption's words: what blanks cut, in lower case, without marks . , ? ! : ; - ' " ` ( ) { } [ ] at either end and
// without brackets' names (-LRB-); what is nothing else is no word. COCO's evaluation cuts with the Penn Treebank's
// tokenizer and drops marks that stand alone, which is the same but for words with marks inside.
std::vector<std::string> caption_words(std::string_view text);

// An n-gram of 1 to 4 words weighs as much as it is rare: how often it is in a caption, times log(pictures / pictures
// whose references have it). A caption is worth, for each reference and n, the cosine of both vectors of weights, those
// of the caption no larger than the reference's, times exp(-d^2 / 72), d being the difference of lengths: the mean over
// references and n, times 10.
class Cider {
 public:
  using Words = std::vector<std::string>;

  // The references of each picture, at least one each.
  explicit Cider(std::span<const std::vector<Words>> references);

  double of(std::size_t picture, const Words& caption) const;
  // The mean over all pictures of one caption for each, or of one for all.
  double mean(std::span<const Words> captions) const;
  double mean_of_one(const Words& caption) const;

 private:
  static constexpr std::size_t kLongest = 4;
  struct Term {
    std::size_t ngram;
    double weight;
  };
  struct Weights {
    std::array<std::vector<Term>, kLongest> terms;  // of those n-grams that references have, in order
    std::array<double, kLongest> norms{};           // of all n-grams
    double words = 0;
  };
  void count_pictures(std::span<const Words> references);
  Weights weigh(const Words& words) const;
  static double similarity(const Weights& caption, const Weights& reference);
  double of(std::size_t picture, const Weights& caption) const;

  std::unordered_map<std::string, std::size_t> numbers_;  // n-grams of the references
  std::vector<std::size_t> pictures_with_;                // of each of them
  std::vector<std::vector<Weights>> references_;          // of each picture
};

}  // namespace recur
