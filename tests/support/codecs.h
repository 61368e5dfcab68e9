// Codecs that have learned from a few texts.
#pragma once

#include <string>
#include <vector>

#include "data/text_codec.h"

namespace recur {

inline TextCodec codec_of(TokenizerKind kind, const std::vector<std::string>& texts) {
  CodecOptions options;
  options.kind = kind;
  TextCodec::Builder builder(options);
  for (const std::string& text : texts) builder.add(text);
  return builder.build();
}

}  // namespace recur
