#include "infer/held_text.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace recur {
namespace {

// How many bytes at the end of the text are the beginning of a UTF-8 character that is not yet whole.
std::size_t unfinished_character(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const char last = text[text.size() - back];
    if (!begins_character(last)) continue;
    const auto byte = static_cast<unsigned char>(last);
    const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

// How many bytes at the end of the text may be the beginning of the stop text.
std::size_t begun_stop(std::string_view text, std::string_view stop) {
  for (std::size_t n = std::min(text.size(), stop.size() - 1); n > 0; --n) {
    if (text.ends_with(stop.substr(0, n))) return n;
  }
  return 0;
}

}  // namespace

HeldText::HeldText(std::vector<std::string> stops, std::function<void(std::string_view)> write)
    : stops_(std::move(stops)), write_(std::move(write)) {}

bool HeldText::add(std::string_view piece) {
  held_ += piece;
  std::size_t end = std::string::npos;
  for (const std::string& stop : stops_) end = std::min(end, held_.find(stop));
  if (end != std::string::npos) {
    held_.resize(end);
    return false;
  }
  std::size_t keep = unfinished_character(held_);
  for (const std::string& stop : stops_) keep = std::max(keep, begun_stop(held_, stop));
  emit(held_.size() - keep);
  return true;
}

void HeldText::flush() { emit(held_.size() - unfinished_character(held_)); }

void HeldText::emit(std::size_t count) {
  if (count == 0) return;
  write_(std::string_view(held_).substr(0, count));
  held_.erase(0, count);
}

}  // namespace recur
