#include "data/byte_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace recur {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // zlib counts in 32 bits

}  // namespace

ByteStream::ByteStream(const InputFile& file, const FilePart& part, std::string name)
    : file_(&file), part_(part), name_(std::move(name)), buffer_(kBufferBytes) {
  if (part_.begin > file.size() || part_.bytes > file.size() - part_.begin) fail_damaged();
  if (!part_.deflated) return;
  inflater_ = std::make_unique<z_stream>();
  if (inflateInit2(inflater_.get(), -MAX_WBITS) != Z_OK) fail("{}: no memory to unpack it", name_);
}

ByteStream::~ByteStream() {
  if (inflater_) inflateEnd(inflater_.get());
}

// zlib's own state points back at the z_stream, which does not move.
ByteStream::ByteStream(ByteStream&&) noexcept = default;

void ByteStream::fail_damaged() const { fail("{}: damaged, or cut short; expected it whole", name_); }

void ByteStream::read(std::span<char> out) {
  if (out.size() > left()) fail_damaged();
  given_ += out.size();
  while (!out.empty()) {
    const std::span<char> now = out.first(std::min(out.size(), kMostAtOnce));
    inflater_ ? unpack(now) : copy(now);
    if (part_.crc) {
      const auto* const bytes = reinterpret_cast<const Bytef*>(now.data());
      sum_ = static_cast<std::uint32_t>(crc32(sum_, bytes, static_cast<uInt>(now.size())));
    }
    out = out.subspan(now.size());
  }
  if (left() == 0 && part_.crc && *part_.crc != sum_) fail_damaged();
}

// With an empty buffer; false at the part's end.
bool ByteStream::refill() {
  const std::uint64_t rest = part_.bytes - next_;
  const std::size_t n = rest < buffer_.size() ? static_cast<std::size_t>(rest) : buffer_.size();
  const std::size_t got = file_->read(part_.begin + next_, std::span(buffer_).first(n));
  next_ += got;
  unread_ = std::span<const char>(buffer_).first(got);
  return got > 0;
}

void ByteStream::copy(std::span<char> out) {
  while (!out.empty()) {
    if (unread_.empty() && !refill()) fail_damaged();
    const std::size_t n = std::min(out.size(), unread_.size());
    std::memcpy(out.data(), unread_.data(), n);
    out = out.subspan(n);
    unread_ = unread_.subspan(n);
  }
}

void ByteStream::unpack(std::span<char> out) {
  z_stream& z = *inflater_;
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  while (z.avail_out > 0) {
    // At the part's end there may still be bytes to come: zlib holds back what did not fit into `out` before.
    if (unread_.empty()) refill();
    z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(unread_.data()));
    z.avail_in = static_cast<uInt>(unread_.size());
    const int result = inflate(&z, Z_NO_FLUSH);
    unread_ = unread_.last(z.avail_in);
    const bool ended = result == Z_STREAM_END && z.avail_out == 0;
    if (result != Z_OK && !ended) fail_damaged();
  }
}

}  // namespace recur
