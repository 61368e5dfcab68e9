// A library that is loaded before the program (LD_PRELOAD): what it does to files fails at a chosen place.
//   RECUR_FAULT=full:N   from the N-th call on the disk is full; if that is a write, half of it still fits
//   RECUR_FAULT=kill:N   the program is killed before the N-th call; if that is a write, after half of it
// Calls that create, write, sync and rename files are counted; not writes to the three standard streams.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

enum class Fault { none, full, kill };

struct Plan {
  Plan() {
    const char* text = std::getenv("RECUR_FAULT");
    if (text == nullptr) return;
    fault = std::strncmp(text, "full:", 5) == 0 ? Fault::full : Fault::kill;
    place = std::atol(text + 5);
  }
  Fault fault = Fault::none;
  long place = 0;
  std::atomic<long> calls = 0;
};

Plan& plan() {
  static Plan plan;
  return plan;
}

// The number of this call counted from the place: negative before it.
long counted() { return ++plan().calls - plan().place; }

[[noreturn]] void die() {
  ::raise(SIGKILL);
  std::abort();
}

// Whether this call, of which nothing is done by halves, must fail.
bool fails() {
  if (plan().fault == Fault::none || counted() < 0) return false;
  if (plan().fault == Fault::kill) die();
  errno = ENOSPC;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
    if (fails()) return -1;
  }
  return real(path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  if (plan().fault == Fault::none || descriptor <= STDERR_FILENO) return real(descriptor, bytes, count);
  const long after = counted();
  if (after < 0) return real(descriptor, bytes, count);
  if (after == 0 && count > 1) {
    const ssize_t half = real(descriptor, bytes, count / 2);
    if (plan().fault == Fault::full) return half;
  }
  if (plan().fault == Fault::kill) die();
  errno = ENOSPC;
  return -1;
}

int fsync(int descriptor) {
  static auto* const real = next<int(int)>("fsync");
  return fails() ? -1 : real(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return fails() ? -1 : real(from, to);
}

}  // extern "C"
