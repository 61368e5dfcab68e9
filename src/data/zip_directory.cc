#include "data/zip_directory.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr std::string_view kMember = "PK\x03\x04", kEntry = "PK\x01\x02", kDirectoryEnd = "PK\x05\x06";
constexpr std::size_t kMemberBytes = 30, kEntryBytes = 46, kEndBytes = 22;
constexpr std::size_t kMostComment = 0xFFFF, kMostDirectory = std::size_t{1} << 24;
constexpr std::uint64_t kInZip64 = 0xFFFFFFFF;  // stands where the true number does not fit

// The little-endian number of so many bytes.
std::uint64_t number_at(std::string_view bytes, std::size_t place, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[place + i]);
  return number;
}

[[noreturn]] void fail_damaged(const InputFile& file) {
  fail("{}: expected a zip archive, as NumPy's savez writes, got one that is damaged or cut short", file.name());
}

std::string read_part(const InputFile& file, std::uint64_t begin, std::size_t size) {
  std::string bytes(size, '\0');
  if (file.read(begin, bytes) != size) fail_damaged(file);
  return bytes;
}

struct Directory {
  std::uint64_t begin, bytes, entries;
};

// From the record at the archive's end, behind which only a comment stands.
Directory find_directory(const InputFile& file) {
  const std::size_t most = kEndBytes + kMostComment;
  const std::size_t size = file.size() < most ? static_cast<std::size_t>(file.size()) : most;
  const std::uint64_t begin = file.size() - size;
  const std::string tail = read_part(file, begin, size);
  const std::size_t end = size < kEndBytes ? tail.npos : tail.rfind(kDirectoryEnd, size - kEndBytes);
  if (end == tail.npos) fail_damaged(file);
  if (number_at(tail, end + 4, 2) != 0 || number_at(tail, end + 6, 2) != 0) {
    fail("{}: a zip archive over several disks; expected one file", file.name());
  }
  const Directory found{number_at(tail, end + 16, 4), number_at(tail, end + 12, 4), number_at(tail, end + 10, 2)};
  if (found.begin == kInZip64 || found.bytes == kInZip64 || found.entries == 0xFFFF) {
    fail("{}: a zip archive of 4 GiB or more (zip64), which is not read; save each array as .npy", file.name());
  }
  if (found.begin > begin + end || found.bytes > begin + end - found.begin || found.bytes > kMostDirectory) {
    fail_damaged(file);
  }
  return found;
}

// Where the member's bytes begin: behind a header of its own, whose sizes may be missing.
std::uint64_t content_begin(const InputFile& file, std::uint64_t header) {
  const std::string bytes = read_part(file, header, kMemberBytes);
  if (!bytes.starts_with(kMember)) fail_damaged(file);
  return header + kMemberBytes + number_at(bytes, 26, 2) + number_at(bytes, 28, 2);
}

ZipMember read_entry(const InputFile& file, std::string_view entry, std::string_view name) {
  const std::uint64_t flags = number_at(entry, 8, 2), method = number_at(entry, 10, 2);
  const std::uint64_t header = number_at(entry, 42, 4);
  FilePart part{0, number_at(entry, 20, 4), number_at(entry, 24, 4), method == 8,
                static_cast<std::uint32_t>(number_at(entry, 16, 4))};
  if (part.bytes == kInZip64 || part.size == kInZip64 || header == kInZip64) {
    fail("{}: {} has 4 GiB or more (zip64), which is not read; save it as .npy", file.name(), quote(name));
  }
  if ((flags & 1) != 0) fail("{}: {} is encrypted; expected an array", file.name(), quote(name));
  if (method != 0 && method != 8) {
    fail("{}: {} is packed with method {}; expected none or deflate, as savez and savez_compressed write", file.name(),
         quote(name), method);
  }
  part.begin = content_begin(file, header);
  const bool inside = part.begin <= file.size() && part.bytes <= file.size() - part.begin;
  if (!inside || (!part.deflated && part.bytes != part.size)) fail_damaged(file);
  return {std::string(name), part};
}

}  // namespace

bool is_zip(std::string_view begin) { return begin.starts_with(kMember) || begin.starts_with(kDirectoryEnd); }

bool begins_as_zip(const InputFile& file) {
  std::array<char, 4> begin{};
  return is_zip({begin.data(), file.read(0, begin)});
}

std::vector<ZipMember> read_zip_directory(const InputFile& file) {
  const Directory directory = find_directory(file);
  const std::string bytes = read_part(file, directory.begin, static_cast<std::size_t>(directory.bytes));
  std::vector<ZipMember> members;
  std::string_view rest = bytes;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (rest.size() < kEntryBytes || !rest.starts_with(kEntry)) fail_damaged(file);
    const std::uint64_t name = number_at(rest, 28, 2);
    const std::uint64_t all = kEntryBytes + name + number_at(rest, 30, 2) + number_at(rest, 32, 2);
    if (all > rest.size()) fail_damaged(file);
    members.push_back(read_entry(file, rest, rest.substr(kEntryBytes, static_cast<std::size_t>(name))));
    rest.remove_prefix(static_cast<std::size_t>(all));
  }
  return members;
}

const ZipMember* find_member(const std::vector<ZipMember>& members, std::string_view name) {
  const auto member = std::ranges::find_if(members, [&](const ZipMember& candidate) {
    const std::string_view own = candidate.name;
    return own == name || (own.size() == name.size() + 4 && own.starts_with(name) && own.ends_with(".npy"));
  });
  return member == members.end() ? nullptr : &*member;
}

}  // namespace recur
