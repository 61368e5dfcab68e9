// The language model and the lexicon that a search for texts was told to go by, read for one call.
#pragma once

#include <memory>
#include <optional>

#include "infer/text_guide.h"
#include "tasks/network.h"

namespace recur {

class SearchGuide {
 public:
  // Checks the options and reads the files that options.decode names. Throws Error naming the file or the flag of what
  // is wrong.
  SearchGuide(const Network& network, const PredictOptions& options);
  SearchGuide(const SearchGuide&) = delete;
  SearchGuide& operator=(const SearchGuide&) = delete;

  // The same with the scorer that they make.
  const PredictOptions& options() const { return options_; }

 private:
  PredictOptions options_;
  std::unique_ptr<const Network> language_;
  std::optional<TextGuide> guide_;
};

}  // namespace recur
