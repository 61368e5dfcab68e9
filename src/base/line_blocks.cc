#include "base/line_blocks.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace recur {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 22, kMostOfLine = std::size_t{1} << 25, kRead = std::size_t{1} << 16;

// Whether standard input has something to say, or its end.
bool is_ready() {
  pollfd one{STDIN_FILENO, POLLIN, 0};
  return ::poll(&one, 1, 0) > 0;
}

}  // namespace

LineBlocks::LineBlocks(const std::string& path) : path_(path) {
  if (path != "-") file_ = std::make_unique<InputFile>(path);
}

std::size_t LineBlocks::read(std::span<char> to) {
  if (file_) {
    const std::size_t count = file_->read(offset_, to);
    offset_ += count;
    return count;
  }
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, to.data(), to.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail("standard input: cannot read: {}", std::strerror(errno));
  }
}

void LineBlocks::read_more() {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kRead);
  const std::size_t count = read(std::span(buffer_).subspan(before));
  buffer_.resize(before + count);
  ended_ = count == 0;
  if (skipping_) {  // the buffer was empty
    const std::size_t end = buffer_.find('\n');
    skipping_ = end == buffer_.npos;
    buffer_.erase(0, skipping_ ? buffer_.size() : end + 1);
    if (!skipping_) ++lines_;
  }
  const std::size_t last = buffer_.rfind('\n');
  if (last != buffer_.npos && last >= std::min(before, buffer_.size())) whole_ = last + 1;
}

bool LineBlocks::wants_more() const {
  if (ended_) return false;
  return whole_ == 0 ? buffer_.size() < kMostOfLine : buffer_.size() < kBlock && (file_ || is_ready());
}

std::unique_ptr<InputFile> LineBlocks::next() {
  if (peeked_) return std::move(peeked_);
  while (wants_more()) read_more();
  if (buffer_.empty()) return nullptr;
  const bool cut = whole_ == 0 && !ended_;
  const std::size_t size = whole_ == 0 || ended_ ? buffer_.size() : whole_;
  const std::string_view block = std::string_view(buffer_).substr(0, size);
  auto lines = std::make_unique<InputFile>(block, path_ == "-" ? "standard input" : path_, lines_);
  lines_ += static_cast<std::uint64_t>(std::ranges::count(block, '\n'));
  buffer_.erase(0, size);
  whole_ = 0;
  skipping_ = cut;
  return lines;
}

const InputFile* LineBlocks::peek() {
  if (!peeked_) peeked_ = next();
  return peeked_.get();
}

std::unique_ptr<InputFile> LineBlocks::all() {
  if (file_) return std::move(file_);
  std::string first(peeked_ ? static_cast<std::size_t>(peeked_->size()) : 0, '\0');
  if (peeked_) peeked_->read(0, first);
  peeked_.reset();
  return std::make_unique<InputFile>(first + buffer_, STDIN_FILENO, "standard input");
}

}  // namespace recur
