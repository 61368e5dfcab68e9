#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace recur {
namespace {

std::string reason() { return std::strerror(errno); }

void write_all(int descriptor, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("{}: cannot write: {}", path, reason());
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

// Copies `first` and what is left of `source` to a temporary file that has no name and so vanishes with the process;
// `size`: how many bytes.
int spool(std::string_view first, int source, std::uint64_t& size) {
  const char* folder = std::getenv("TMPDIR");
  std::string name = std::string(folder != nullptr ? folder : "/tmp") + "/recur-input-XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail("{}: cannot create a temporary file for standard input: {}", name, reason());
  ::unlink(name.c_str());
  try {
    write_all(descriptor, std::as_bytes(std::span(first)), name);
    size = first.size();
    std::array<std::byte, 1 << 16> buffer;
    for (;;) {
      const ssize_t n = ::read(source, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("standard input: cannot read: {}", reason());
      if (n == 0) return descriptor;
      size += static_cast<std::uint64_t>(n);
      write_all(descriptor, std::span(buffer).first(static_cast<std::size_t>(n)), name);
    }
  } catch (...) {
    ::close(descriptor);
    throw;
  }
}

int open_regular(const std::string& path, std::uint64_t& size, std::string_view advice) {
  // O_NONBLOCK: a pipe is refused below, not waited for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail("{}: cannot open: {}", path, reason());
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    fail("{}: not a regular file; {}", path, advice);
  }
  size = static_cast<std::uint64_t>(status.st_size);
  return descriptor;
}

// Where a file lies.
std::filesystem::path folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

// "PATH.PROCESS-NUMBER.partial" for some process and number?
bool is_partial_of(std::string_view name, std::string_view path) {
  constexpr std::string_view kEnd = ".partial", kNumerals = "0123456789";
  if (!name.starts_with(path) || !name.ends_with(kEnd) || name.size() <= path.size() + kEnd.size()) return false;
  const std::string_view middle = name.substr(path.size(), name.size() - path.size() - kEnd.size());
  const std::size_t dash = std::min(middle.find('-'), middle.size() - 1);
  const auto is_number = [&](std::string_view text) {
    return !text.empty() && text.find_first_not_of(kNumerals) == std::string_view::npos;
  };
  return middle.front() == '.' && is_number(middle.substr(1, dash - 1)) && is_number(middle.substr(dash + 1));
}

bool is_unlinked(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && status.st_nlink == 0;
}

// Whether the file that is open is still the one of that name.
bool has_name(int descriptor, const std::string& name) {
  struct stat own {
  }, named{};
  return ::fstat(descriptor, &own) == 0 && ::lstat(name.c_str(), &named) == 0 && own.st_dev == named.st_dev &&
         own.st_ino == named.st_ino;
}

// Removes what writers of `path` left that were killed. One that lives holds the lock of its file.
void remove_abandoned(const std::string& path) {
  std::error_code error;
  const std::string start = std::filesystem::path(path).filename().string();
  std::filesystem::directory_iterator entry(folder_of(path), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (!is_partial_of(entry->path().filename().string(), start)) continue;
    const std::string name = entry->path().string();
    const int descriptor = ::open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) continue;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && has_name(descriptor, name)) ::unlink(name.c_str());
    ::close(descriptor);
  }
}

// A new name in a folder is on disk once the folder is. Some file systems cannot sync one, and some users may not read
// it; neither is a reason to call the file unwritten.
void sync_folder(const std::string& path) {
  const int descriptor = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  const bool failed = ::fsync(descriptor) != 0 && (errno == EIO || errno == ENOSPC || errno == EDQUOT);
  const std::string why = reason();
  ::close(descriptor);
  if (failed) fail("{}: cannot write its folder: {}", path, why);
}

}  // namespace

InputFile::InputFile(const std::string& path) : name_(shown_name(path)) {
  if (path == "-") {
    descriptor_ = spool({}, STDIN_FILENO, size_);
  } else {
    descriptor_ = open_regular(path, size_, "give a file, or - for standard input");
  }
}

InputFile::InputFile(std::string_view bytes, std::string name, std::uint64_t lines_before)
    : descriptor_(::memfd_create("recur", MFD_CLOEXEC)),
      size_(bytes.size()),
      lines_before_(lines_before),
      name_(std::move(name)) {
  if (descriptor_ < 0) fail("{}: cannot keep what was read: {}", name_, reason());
  write_all(descriptor_, std::as_bytes(std::span(bytes)), name_);
}

InputFile::InputFile(std::string_view first, int descriptor, std::string name) : name_(std::move(name)) {
  descriptor_ = spool(first, descriptor, size_);
}

InputFile::~InputFile() { ::close(descriptor_); }

std::size_t InputFile::read(std::uint64_t offset, std::span<char> out) const {
  if (offset >= size_) return 0;
  out = out.first(std::min<std::uint64_t>(out.size(), size_ - offset));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("{}: cannot read: {}", name_, reason());
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  const std::uint64_t hashed = hash_.size();
  if (offset <= hashed && hashed < offset + done) hash_.add(out.first(done).subspan(hashed - offset));
  return done;
}

std::uint64_t InputFile::content_hash() const {
  std::array<char, 1 << 16> buffer;
  while (read(hash_.size(), buffer) > 0) {
  }
  return hash_.value();
}

std::string shown_name(const std::string& path) { return path == "-" ? "standard input" : path; }

std::string beside(const InputFile& file, std::string_view path) {
  return (std::filesystem::path(file.name()).parent_path() / path).string();
}

MappedFile::MappedFile(const std::string& path) {
  std::uint64_t size = 0;
  const int descriptor = open_regular(path, size, "give a file");
  size_ = static_cast<std::size_t>(size);
  if (size_ > 0) {
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    const std::string why = reason();
    ::close(descriptor);
    if (address == MAP_FAILED) fail("{}: cannot map: {}", path, why);
    data_ = static_cast<const std::byte*>(address);
  } else {
    ::close(descriptor);
  }
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

OutputFile::OutputFile(std::string path, Safety safety) : path_(std::move(path)), safety_(safety) {
  // Where the path is a link, the file that it leads to is replaced, not the link.
  std::error_code error;
  if (std::filesystem::is_symlink(path_, error)) {
    const auto target = std::filesystem::canonical(path_, error);
    if (!error) path_ = target.string();
  }
  struct stat old {};
  const bool exists = ::stat(path_.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) fail("{}: not a regular file; give another name", path_);
  if (safety_ == Safety::disk) remove_abandoned(path_);
  // The temporary name is unused: two writers of one file do not write into each other's. A writer that finds this file
  // before it is locked takes it for abandoned; then it is made again.
  const mode_t mode = exists ? old.st_mode & 0777 : 0666;
  static std::atomic<unsigned> count = 0;
  do {
    if (descriptor_ >= 0) ::close(descriptor_);
    temporary_ = fmt::format("{}.{}-{}.partial", path_, ::getpid(), count++);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    // Where files cannot be locked, nobody takes this one for abandoned.
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  } while (descriptor_ >= 0 ? is_unlinked(descriptor_) : errno == EEXIST);
  if (descriptor_ < 0) fail("{}: cannot create a file beside it: {}", path_, reason());
  // The process's mask may have taken modes that the old file has. Where they cannot be given back the new file is more
  // private, never less.
  if (exists) static_cast<void>(::fchmod(descriptor_, mode));
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) { write_all(descriptor_, bytes, path_); }

void OutputFile::commit() {
  if (safety_ == Safety::disk && ::fsync(descriptor_) != 0) fail("{}: cannot write: {}", path_, reason());
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("{}: cannot replace: {}", path_, reason());
  ::close(descriptor_);
  descriptor_ = -1;
  if (safety_ == Safety::disk) sync_folder(path_);
}

void replace_file(const std::string& path, std::span<const std::byte> bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace recur
