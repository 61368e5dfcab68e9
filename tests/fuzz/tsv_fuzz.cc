// Any bytes as the data of a classifier, a translator or a language model with labels. The first byte chooses which,
// and how text is cut.
#include <cstdint>

#include "records_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr recur::TokenizerKind kKinds[] = {recur::TokenizerKind::word, recur::TokenizerKind::token,
                                             recur::TokenizerKind::character, recur::TokenizerKind::subword};
  recur::CodecOptions text{.kind = kKinds[data[0] / 4 % 4]};
  text.subwords = 40;
  text.words.lowercase = text.kind != recur::TokenizerKind::subword && data[0] / 16 % 2 == 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 3) {
    case 0: {
      recur::ClassifyOptions options{.text = text, .embedding = 2};
      recur::make_small(options.network);
      recur::run_records(options, bytes);
      break;
    }
    case 1: {
      recur::TranslateOptions options{.source = text, .target = text, .embedding = 2};
      recur::make_small(options.network);
      recur::run_records(options, bytes);
      break;
    }
    default: {
      recur::ConditionedOptions options;
      options.text = text;
      options.embedding = options.condition_size = 2;
      recur::make_small(options.network);
      recur::run_records(options, bytes);
    }
  }
  return 0;
}
