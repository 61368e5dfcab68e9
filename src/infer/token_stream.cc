#include "infer/token_stream.h"

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

std::size_t most_threads(const StreamOptions& options) {
  if (options.realtime) return 1;
  return options.threads == 0 ? std::numeric_limits<std::size_t>::max() : options.threads;
}

}  // namespace

TokenStream::TokenStream(std::shared_ptr<const TokenStepper> stepper, const StreamOptions& options,
                         std::span<const float> beside)
    : stepper_(std::move(stepper)),
      state_(stepper_->stack().stack().state_layout(), 1),
      beside_(beside.begin(), beside.end()),
      scratch_(stepper_->scratch_bytes(1) > kStackBytes ? stepper_->scratch_bytes(1) : 0),
      threads_(most_threads(options)),
      choice_(std::min(stepper_->stack().most_parts(), threads_ == 1 ? 1 : std::min(threads_, thread_count()))) {
  reset();
}

void TokenStream::step(int token, std::span<float> logits) {
  stepper_->check(token);
  if (logits.size() != stepper_->vocabulary()) {
    fail("logits: room for {} numbers, expected one for each of {} tokens", logits.size(), stepper_->vocabulary());
  }
  if (scratch_.empty()) {
    step_on_stack(token, logits);
  } else {
    run(token, logits, scratch_.data());
  }
  check_results(logits, "the logit of a token");
}

void TokenStream::step_on_stack(int token, std::span<float> logits) {
  alignas(StackStepper::kAlignment) std::byte scratch[kStackBytes];
  run(token, logits, scratch);
}

void TokenStream::run(int token, std::span<float> logits, std::byte* scratch) {
  StackState* state = &state_;
  const float* beside = beside_.data();
  const TokenStepper::Step step{{&state, 1}, &token, &beside, scratch};
  if (threads_ == 1) {
    const FlushDenormals flush;
    stepper_->write_logits(stepper_->hidden(step), 1, logits.data());
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
                [&](const TeamMember& member) { stepper_->write_logits(hidden, 1, logits.data(), member); });
}

namespace {

void check_batch(std::span<TokenStream* const> streams, std::span<const int> tokens, std::span<float> logits) {
  const TokenStepper& stepper = streams.front()->stepper();
  if (tokens.size() != streams.size()) fail("step together: {} streams, {} tokens", streams.size(), tokens.size());
  if (logits.size() != streams.size() * stepper.vocabulary()) {
    fail("logits: room for {} numbers, expected {} for {} streams and {} tokens", logits.size(),
         streams.size() * stepper.vocabulary(), streams.size(), stepper.vocabulary());
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (&streams[i]->stepper() != &stepper) fail("step together: stream {} is one of another model", i);
    stepper.check(tokens[i]);
  }
}

// What step_together() uses besides the streams; kept for the next call of the thread.
struct BatchMemory {
  std::vector<StackState*> states, sorted;
  std::vector<const float*> beside;
  ScratchBlock scratch;

  void gather(std::span<TokenStream* const> streams) {
    states.clear();
    beside.clear();
    for (TokenStream* stream : streams) {
      states.push_back(&stream->state());
      beside.push_back(stream->beside());
    }
    sorted.assign(states.begin(), states.end());
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) fail("step together: a stream is there twice");
  }
};

}  // namespace

void step_together(std::span<TokenStream* const> streams, std::span<const int> tokens, std::span<float> logits,
                   std::size_t threads) {
  if (streams.empty()) return;
  check_batch(streams, tokens, logits);
  static thread_local BatchMemory of_this_thread;
  BatchMemory& memory = of_this_thread;
  memory.gather(streams);

  const TokenStepper& stepper = streams.front()->stepper();
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
      const float* hidden =
          stepper.hidden({std::span(memory.states).subspan(first, count), tokens.data() + first,
                          memory.beside.data() + first, memory.scratch.data() + member.part * scratch});
      stepper.write_logits(hidden, count, logits.data() + first * stepper.vocabulary());
    }
  });
  check_results(logits, "the logit of a token");
}

}  // namespace recur
