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

std::uint64_t count_lines(std::string_view text) { return static_cast<std::uint64_t>(std::ranges::count(text, '\n')); }

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
  if (ends_.whole) return next_records();
  while (wants_more()) read_more();
  if (buffer_.empty()) return nullptr;
  const bool cut = whole_ == 0 && !ended_;
  const std::size_t size = whole_ == 0 || ended_ ? buffer_.size() : whole_;
  auto lines = block_of(size);
  whole_ = 0;
  skipping_ = cut;
  return lines;
}

std::unique_ptr<InputFile> LineBlocks::block_of(std::size_t size) {
  const std::string_view block = std::string_view(buffer_).substr(0, size);
  const std::uint64_t before = lines_ - count_lines(header_);
  auto lines = std::make_unique<InputFile>(header_ + std::string(block), shown_name(path_), before);
  lines_ += count_lines(block);
  buffer_.erase(0, size);
  return lines;
}

void LineBlocks::end_with(RecordEnds ends) {
  take_back();
  ends_ = std::move(ends);
}

// The lines that have been read may end within a record, and where they end is only looked for when there are no more
// of them, or enough.
std::unique_ptr<InputFile> LineBlocks::next_records() {
  std::size_t records = 0;
  for (std::size_t enough = kBlock; records == 0; enough = std::max(enough, 2 * buffer_.size())) {
    while (!ended_ && buffer_.size() < enough && (file_ || is_ready())) read_more();
    if (buffer_.empty() && ended_) return nullptr;
    records = ended_ ? buffer_.size() : ends_.whole(std::string_view(buffer_).substr(0, whole_));
    if (records == 0) read_more();
  }
  const bool first = lines_ == 0;
  const std::size_t header = first && ends_.header ? ends_.header(std::string_view(buffer_).substr(0, records)) : 0;
  std::string beginning = buffer_.substr(0, header);
  auto block = block_of(records);
  if (first) header_ = std::move(beginning);
  whole_ = buffer_.rfind('\n') + 1;  // 0 where there is none
  return block;
}

const InputFile* LineBlocks::peek() {
  if (!peeked_) peeked_ = next();
  return peeked_.get();
}

void LineBlocks::take_back() {
  if (!peeked_) return;
  std::string first(static_cast<std::size_t>(peeked_->size()), '\0');
  peeked_->read(0, first);
  peeked_.reset();
  buffer_.insert(0, first);
  whole_ = buffer_.rfind('\n') + 1;  // 0 where there is none
  lines_ = 0;
  skipping_ = false;
}

std::unique_ptr<InputFile> LineBlocks::all() {
  if (file_) return std::move(file_);
  take_back();
  return std::make_unique<InputFile>(buffer_, STDIN_FILENO, shown_name(path_));
}

}  // namespace recur
