// Any bytes as the data of a tagger. The first byte chooses how words are read.
#include <cstdint>

#include "records_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  recur::TagOptions options{.embedding = 2, .letter_hidden = 2, .letter_embedding = 2};
  options.words = {.min_count = 1, .lowercase = data[0] % 2 == 1};
  options.letter_cell = data[0] / 2 % 2 == 0 ? "lstm" : data[0] / 8 % 2 == 0 ? "tdnn" : "none";
  options.crf = data[0] / 4 % 2 == 0;
  options.features = data[0] / 16 % 3;
  options.scheme = recur::choices<recur::TagScheme>[data[0] / 48 % 5].value;
  options.constrain = data[0] % 3 == 1;
  recur::make_small(options.network);
  recur::run_records(options, std::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  return 0;
}
