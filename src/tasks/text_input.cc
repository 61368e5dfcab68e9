#include "tasks/text_input.h"

#include <fmt/format.h>

#include "base/error.h"
#include "data/word_vectors.h"

namespace recur {

std::string describe(const TextCodec& codec, std::size_t embedding) {
  const std::string input = embedding == 0 ? "one-hot" : fmt::format("embedding {}", embedding);
  return fmt::format("{} {}s, {}", codec.size(), to_string(codec.kind()), input);
}

std::string load_word_vectors(const std::string& path, const TextCodec& codec, const Matrix& table) {
  const auto row_of = [&](std::string_view word) {
    const std::vector<int> ids = codec.encode(word);
    return ids.size() == 1 && ids[0] != codec.unknown() ? ids[0] : -1;
  };
  const WordVectorCounts counts =
      read_word_vectors(path, table.columns, row_of, std::span(table.data, table.rows * table.columns));
  if (counts.filled == 0) fail("{}: has a vector for none of the {} words of the data", path, codec.size());
  std::string told = fmt::format("{}: vectors for {} of {} words", path, counts.filled, codec.size());
  if (counts.skipped > 0) told += fmt::format("; skipped {}, the first is {}", counts.skipped, counts.first_skipped);
  return told;
}

}  // namespace recur
