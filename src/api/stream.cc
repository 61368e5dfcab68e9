// What include/recur/stream.h promises, put together from the floors below.
#include "recur/stream.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "infer/token_stream.h"

namespace recur {

class Stream::Implementation : public TokenStream {
 public:
  using TokenStream::TokenStream;
};

Stream::Stream(std::shared_ptr<const TokenStepper> stepper, const StreamOptions& options)
    : implementation_(std::make_unique<Implementation>(std::move(stepper), options)) {}
Stream::~Stream() = default;
Stream::Stream(const Stream& other) : implementation_(std::make_unique<Implementation>(*other.implementation_)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

Stream& Stream::operator=(const Stream& other) {
  if (implementation_) {
    *implementation_ = *other.implementation_;  // in the memory that it has
  } else {
    implementation_ = std::make_unique<Implementation>(*other.implementation_);
  }
  return *this;
}

void Stream::step(int token, std::span<float> logits) { implementation_->step(token, logits); }
void Stream::reset() { implementation_->reset(); }
std::size_t Stream::vocabulary() const { return implementation_->stepper().vocabulary(); }

std::span<float> Stream::state(std::size_t layer, std::size_t slot) & {
  const RecurrentStack& stack = implementation_->stepper().stack().stack();
  if (layer >= stack.layers() || slot >= stack.cell().states) {
    fail("state {} of layer {}: this model has {} layers of {} states", slot, layer, stack.layers(),
         stack.cell().states);
  }
  return implementation_->state().of(layer, slot);
}

void step_together(std::span<Stream* const> streams, std::span<const int> tokens, std::span<float> logits,
                   std::size_t threads) {
  static thread_local std::vector<TokenStream*> of_this_thread;
  std::vector<TokenStream*>& inside = of_this_thread;
  inside.clear();
  for (const Stream* stream : streams) inside.push_back(stream->implementation_.get());
  step_together(inside, tokens, logits, threads);
}

}  // namespace recur
