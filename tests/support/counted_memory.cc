// The operators below count for the whole program.
#include "support/counted_memory.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> taken = 0, held = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++taken;
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  held += ::malloc_usable_size(p);
  return p;
}

void give_back(void* p) {
  held -= ::malloc_usable_size(p);
  std::free(p);
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void operator delete(void* p) noexcept { give_back(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t /*size*/) noexcept { give_back(p); }
[[gnu::noinline]] void operator delete(void* p, const std::nothrow_t& /*tag*/) noexcept { give_back(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t /*alignment*/) noexcept { give_back(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  give_back(p);
}

namespace recur {

std::size_t allocations() { return taken; }
std::size_t bytes_held() { return held; }

}  // namespace recur
