// What a decoder with a pointer can copy from the texts that are read: tokens of two vocabularies, which are the same
// where they are spelled the same, known or not.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "autograd/copying.h"
#include "data/text_field.h"
#include "nn/decoder.h"

namespace recur {

class CopyFinder {
 public:
  // Lets both fields keep keys; they must outlive it.
  CopyFinder(TextField& source, TextField& target);

  // Where the tokens to be predicted stand among what each row of the target looks at. One that neither its source nor
  // the vocabulary has counts as known: what is to be predicted is that it is unknown.
  CopyTargets targets(const Batch& batch, const FieldBatch& source, const FieldBatch& target,
                      const Alignments& looked) const;

  struct Sources {
    CopySources tokens;
    std::vector<std::vector<std::string>> others;  // of each source: what the tokens that only it has are
  };
  // The records' texts must have been kept.
  Sources sources(const Batch& batch, const FieldBatch& source) const;

 private:
  const TextField& source_;
  const TextField& target_;
  std::unordered_map<std::uint64_t, int> token_of_;  // of the target's vocabulary, by key
};

}  // namespace recur
