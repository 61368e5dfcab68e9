// Any bytes as a file of word vectors; the first byte chooses their width.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "data/word_vectors.h"
#include "memory_file.h"
#include "recur/types/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kRows = 5;
  const std::size_t width = 1 + data[0] % 8;
  const recur::MemoryFile file(std::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  std::vector<float> table(kRows * width);
  const auto row_of = [](std::string_view word) { return static_cast<int>(word.size() % (kRows + 1)) - 1; };
  try {
    const auto counts = recur::read_word_vectors(file.path(), width, row_of, table);
    if (counts.filled > kRows || (counts.skipped > 0) == counts.first_skipped.empty()) std::abort();
  } catch (const recur::Error&) {
  }
  for (const float number : table) {
    if (!std::isfinite(number)) std::abort();
  }
  return 0;
}
