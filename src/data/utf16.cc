#include "data/utf16.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/error.h"

namespace recur {
namespace {

constexpr std::size_t kLooked = 4096;      // bytes
constexpr std::size_t kPairsPerZero = 16;  // at most: even where only blanks and line ends have a zero byte

// "LE" or "BE", or nothing.
std::string_view byte_order(std::string_view begin) {
  if (begin.starts_with("\xFF\xFE")) return "LE";
  if (begin.starts_with("\xFE\xFF")) return "BE";
  begin = begin.substr(0, kLooked);
  std::array<std::size_t, 2> zeros{};  // at even and odd places
  for (std::size_t i = 0; i < begin.size(); ++i) zeros[i % 2] += begin[i] == 0 ? 1 : 0;
  const std::size_t enough = std::max<std::size_t>(2, begin.size() / 2 / kPairsPerZero);
  if (zeros[0] == 0 && zeros[1] >= enough) return "LE";
  if (zeros[1] == 0 && zeros[0] >= enough) return "BE";
  return "";
}

}  // namespace

void refuse_utf16(std::string_view begin, std::string_view file) {
  const std::string_view order = byte_order(begin);
  if (order.empty()) return;
  fail("{}: expected UTF-8, got what looks like UTF-16; convert it: iconv -f UTF-16{} -t UTF-8", file, order);
}

}  // namespace recur
