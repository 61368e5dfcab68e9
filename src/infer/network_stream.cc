#include "infer/network_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/finite.h"
#include "base/threads.h"

namespace recur {
namespace {

// What a step may take of the stack; products and cells take less than as much again.
constexpr std::size_t kStackBytes = std::size_t{16} << 10;

constexpr const char* kOutput = "an output of a step";  // for messages

std::size_t most_threads(const StreamOptions& options) {
  if (options.realtime) return 1;
  return options.threads == 0 ? std::numeric_limits<std::size_t>::max() : options.threads;
}

}  // namespace

NetworkStream::NetworkStream(std::shared_ptr<const NetworkStepper> stepper, const StreamOptions& options,
                             std::span<const float> beside)
    : stepper_(std::move(stepper)),
      state_(stepper_->stack().stack().state_layout(), 1),
      beside_(beside.begin(), beside.end()),
      scratch_(stepper_->scratch_bytes(1) > kStackBytes ? stepper_->scratch_bytes(1) : 0),
      threads_(most_threads(options)),
      choice_(std::min(stepper_->stack().most_parts(), threads_ == 1 ? 1 : std::min(threads_, thread_count()))) {
  if (!stepper_->knobs().empty()) beside_.assign(stepper_->knobs().size(), std::numeric_limits<float>::quiet_NaN());
  reset();
}

bool NetworkStream::set_knob(std::string_view name, double value) {
  const std::size_t i = knob_named(stepper_->knobs(), name);
  const KnobField& knob = *stepper_->knobs()[i];
  beside_[i] = checked_knob(knob, value);
  return knob.covers(value);
}

void NetworkStream::step(int token, std::span<float> outputs) {
  stepper_->check(token);
  step({.tokens = &token}, outputs);
}

void NetworkStream::step(std::span<const float> numbers, std::span<float> outputs) {
  stepper_->check(numbers, 1);
  step({.numbers = numbers.data()}, outputs);
}

void NetworkStream::step(const NetworkStepper::Step& input, std::span<float> outputs) {
  if (outputs.size() != stepper_->outputs()) {
    fail("outputs: room for {} numbers, expected {}", outputs.size(), stepper_->outputs());
  }
  check_knobs();
  StackState* state = &state_;
  const float* beside = beside_.data();
  NetworkStepper::Step step = input;
  step.states = {&state, 1};
  step.beside = &beside;
  if (scratch_.empty()) {
    step_on_stack(step, outputs);
  } else {
    step.scratch = scratch_.data();
    run(step, outputs);
  }
  check_results(outputs, kOutput);
}

void NetworkStream::step_on_stack(NetworkStepper::Step step, std::span<float> outputs) {
  alignas(StackStepper::kAlignment) std::byte scratch[kStackBytes];
  step.scratch = scratch;
  run(step, outputs);
}

void NetworkStream::run(const NetworkStepper::Step& step, std::span<float> outputs) {
  if (threads_ == 1) {
    const FlushDenormals flush;
    stepper_->write_outputs(step, stepper_->hidden(step), outputs.data());
    return;
  }
  const float* hidden = nullptr;
  choice_.time([&] {
    parallel_team(choice_.parts(), [&](const TeamMember& member) {
      const float* own = stepper_->hidden(step, member);
      if (member.part == 0) hidden = own;
    });
  });
  parallel_team(std::min(threads_, stepper_->output_parts()),
                [&](const TeamMember& member) { stepper_->write_outputs(step, hidden, outputs.data(), member); });
}

namespace {

void check_batch(std::span<NetworkStream* const> streams, std::span<float> outputs) {
  const NetworkStepper& stepper = streams.front()->stepper();
  if (outputs.size() != streams.size() * stepper.outputs()) {
    fail("outputs: room for {} numbers, expected {} for {} streams of {}", outputs.size(),
         streams.size() * stepper.outputs(), streams.size(), stepper.outputs());
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (&streams[i]->stepper() != &stepper) fail("step together: stream {} is one of another model", i);
    streams[i]->check_knobs();
  }
}

// What step_together() uses besides the streams; kept for the next call of the thread.
struct BatchMemory {
  std::vector<StackState*> states, sorted;
  std::vector<const float*> beside;
  ScratchBlock scratch;

  void gather(std::span<NetworkStream* const> streams) {
    states.clear();
    beside.clear();
    for (NetworkStream* stream : streams) {
      states.push_back(&stream->state());
      beside.push_back(stream->beside());
    }
    sorted.assign(states.begin(), states.end());
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) fail("step together: a stream is there twice");
  }
};

// `input`: what all streams read, one after the other.
void step_checked(std::span<NetworkStream* const> streams, const NetworkStepper::Step& input, std::span<float> outputs,
                  std::size_t threads) {
  check_batch(streams, outputs);
  static thread_local BatchMemory of_this_thread;
  BatchMemory& memory = of_this_thread;
  memory.gather(streams);

  const NetworkStepper& stepper = streams.front()->stepper();
  // A thread is worth waking for so many multiplications; so many rows reuse a weight often enough.
  constexpr std::size_t kLeastProducts = std::size_t{1} << 20, kMostRows = 64;
  const std::size_t most = threads == 0 ? thread_count() : std::min(threads, thread_count());
  const std::size_t parts = std::clamp<std::size_t>(streams.size() * stepper.weights() / kLeastProducts, 1, most);
  const std::size_t pieces = ((streams.size() + kMostRows - 1) / kMostRows + parts - 1) / parts * parts;
  const std::size_t scratch = stepper.scratch_bytes((streams.size() + pieces - 1) / pieces);
  memory.scratch.reserve(parts * scratch);
  parallel_team(parts, [&](const TeamMember& member) {
    for (std::size_t piece = member.part; piece < pieces; piece += member.parts) {
      const std::size_t first = streams.size() * piece / pieces;
      const std::size_t count = streams.size() * (piece + 1) / pieces - first;
      if (count == 0) continue;
      NetworkStepper::Step step{std::span(memory.states).subspan(first, count)};
      if (input.numbers != nullptr) step.numbers = input.numbers + first * stepper.inputs();
      if (input.tokens != nullptr) step.tokens = input.tokens + first;
      step.beside = memory.beside.data() + first;
      step.scratch = memory.scratch.data() + member.part * scratch;
      stepper.write_outputs(step, stepper.hidden(step), outputs.data() + first * stepper.outputs());
    }
  });
  check_results(outputs, kOutput);
}

}  // namespace

void step_together(std::span<NetworkStream* const> streams, std::span<const int> tokens, std::span<float> outputs,
                   std::size_t threads) {
  if (tokens.size() != streams.size()) fail("step together: {} streams, {} tokens", streams.size(), tokens.size());
  if (streams.empty()) return;
  for (const int token : tokens) streams.front()->stepper().check(token);
  step_checked(streams, {.tokens = tokens.data()}, outputs, threads);
}

void step_together(std::span<NetworkStream* const> streams, std::span<const float> numbers, std::span<float> outputs,
                   std::size_t threads) {
  if (streams.empty()) return;
  streams.front()->stepper().check(numbers, streams.size());
  step_checked(streams, {.numbers = numbers.data()}, outputs, threads);
}

}  // namespace recur
