#include "base/scratch.h"

#include <memory>
#include <new>

namespace recur {
namespace {

constexpr std::align_val_t kAlignment{64};

struct Free {
  void operator()(float* p) const { ::operator delete(p, kAlignment); }
};

}  // namespace

float* thread_scratch() {
  static thread_local const std::unique_ptr<float, Free> scratch(
      static_cast<float*>(::operator new(kScratchFloats * sizeof(float), kAlignment)));
  return scratch.get();
}

}  // namespace recur
