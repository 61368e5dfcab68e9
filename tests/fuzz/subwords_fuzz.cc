// Any bytes as a SentencePiece model: recur::Error is the only way out but success, and then it can encode and decode.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "data/subwords.h"
#include "recur/types/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const recur::Subwords subwords(std::string(reinterpret_cast<const char*>(data), size));
    std::vector<int> ids;
    for (const std::string_view text : {"", "a", "the cat <unk> \xe2\x96\x81", "</s>\xf0\x9f\x98\x80  \t aaaa"}) {
      for (const auto& piece : subwords.encode(text)) {
        if (piece.id < 0 || piece.id >= subwords.size()) std::abort();
        ids.push_back(piece.id);
      }
    }
    subwords.decode(ids);
    for (int id = 0; id < subwords.size(); ++id) subwords.decode({id});
  } catch (const recur::Error&) {
  }
  return 0;
}
