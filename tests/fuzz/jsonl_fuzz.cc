// Any lines of JSON as the data of a classifier of vectors. The input is a JSON array of lines, or the bytes
// themselves.
#include <cstdint>

#include "json_mutator.h"
#include "records_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  recur::ClassifyOptions options{.text = {.kind = recur::TokenizerKind::character}, .embedding = 2};
  recur::make_small(options.network);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const recur::Json lines = recur::Json::parse(bytes, nullptr, false);
  if (lines.is_array()) {
    bytes.clear();
    for (const recur::Json& line : lines) bytes += line.dump() + "\n";
  }
  recur::run_records(options, bytes);
  return 0;
}
