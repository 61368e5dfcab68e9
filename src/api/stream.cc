// What include/recur/stream.h promises, put together from the floors below.
#include "recur/stream.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "infer/network_stream.h"

namespace recur {

class Stream::Implementation : public NetworkStream {
 public:
  using NetworkStream::NetworkStream;
};

Stream::Stream(std::shared_ptr<const NetworkStepper> stepper, const StreamOptions& options)
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

void Stream::step(int token, std::span<float> outputs) { implementation_->step(token, outputs); }
void Stream::step(std::span<const float> numbers, std::span<float> outputs) { implementation_->step(numbers, outputs); }
bool Stream::set_knob(std::string_view name, double value) { return implementation_->set_knob(name, value); }
void Stream::reset() { implementation_->reset(); }
std::size_t Stream::vocabulary() const { return implementation_->stepper().vocabulary(); }
std::size_t Stream::inputs() const { return implementation_->stepper().inputs(); }
std::size_t Stream::outputs() const { return implementation_->stepper().outputs(); }

std::span<float> Stream::state(std::size_t layer, std::size_t slot) & {
  const RecurrentStack& stack = implementation_->stepper().stack().stack();
  if (layer >= stack.layers() || slot >= stack.cell().states) {
    fail("state {} of layer {}: this model has {} layers of {} states", slot, layer, stack.layers(),
         stack.cell().states);
  }
  return implementation_->state().of(layer, slot);
}

namespace {

// The insides of streams, in memory of the thread's own.
std::vector<NetworkStream*>& empty_list() {
  static thread_local std::vector<NetworkStream*> of_this_thread;
  of_this_thread.clear();
  return of_this_thread;
}

}  // namespace

void step_together(std::span<Stream* const> streams, std::span<const int> tokens, std::span<float> outputs,
                   std::size_t threads) {
  std::vector<NetworkStream*>& inside = empty_list();
  for (const Stream* stream : streams) inside.push_back(stream->implementation_.get());
  step_together(inside, tokens, outputs, threads);
}

void step_together(std::span<Stream* const> streams, std::span<const float> numbers, std::span<float> outputs,
                   std::size_t threads) {
  std::vector<NetworkStream*>& inside = empty_list();
  for (const Stream* stream : streams) inside.push_back(stream->implementation_.get());
  step_together(inside, numbers, outputs, threads);
}

}  // namespace recur
