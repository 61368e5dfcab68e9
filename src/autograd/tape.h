// The tape: an operation runs its kernel at once and records one node; backward() runs the nodes' derivatives in
// reverse. Values, gradients and nodes lie in arenas that rewind() gives back, so that a training step allocates
// nothing once the first steps have shown how much it takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "kernels/product.h"

namespace recur {

// A handle to a [rows, columns] matrix of floats on a tape; valid until the tape is rewound.
struct Var {
  std::uint32_t index = 0;
};

// Parameters and their gradients live outside the tape, as long as the model. Only backward() of a tape that records
// touches the gradients.
struct Parameter {
  const float* value = nullptr;
  float* gradient = nullptr;
  std::size_t rows = 0, columns = 0;

  ConstMatrix matrix() const { return {value, rows, columns, columns}; }
  Matrix gradient_matrix() const { return {gradient, rows, columns, columns}; }
};

class Tape {
 public:
  // A tape that does not record only computes: evaluation and inference.
  explicit Tape(bool recording = true) : recording_(recording) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  bool recording() const { return recording_; }

  // A new value of the given shape, uninitialised; an operation fills it.
  Var add(std::size_t rows, std::size_t columns) {
    return add(arena_.take<float>(rows, columns).data(), rows, columns);
  }
  // A value that lies elsewhere, at least until the rewind.
  Var add(float* value, std::size_t rows, std::size_t columns) {
    values_.push_back({value, nullptr, rows, columns});
    return {static_cast<std::uint32_t>(values_.size() - 1)};
  }

  Matrix value(Var v) const {
    const Value& x = values_[v.index];
    return {x.value, x.rows, x.columns, x.columns};
  }
  // The gradient of the loss with respect to v: zero at first use; operations add to it.
  Matrix gradient(Var v);
  bool has_gradient(Var v) const { return values_[v.index].gradient != nullptr; }

  // Records an operation: `backward` is called as backward(tape), latest first. It is copied into the arena.
  template <class Backward>
  void record(const Backward& backward) {
    if (!recording_) return;
    auto* copy = new (arena_.take<Backward>(1).data()) Backward(backward);
    nodes_.push_back({[](void* self, Tape& tape) { (*static_cast<Backward*>(self))(tape); }, copy});
  }

  // While it lives, nothing is recorded.
  class Pause {
   public:
    explicit Pause(Tape& tape) : tape_(tape), was_recording_(tape.recording_) { tape.recording_ = false; }
    ~Pause() { tape_.recording_ = was_recording_; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Tape& tape_;
    bool was_recording_;
  };

  // Runs all recorded operations backwards. The caller has set the gradient of what it wants derived.
  void backward();
  // Forgets all values and nodes and takes their memory back.
  void rewind();

  // Takes over what operations refer to, such as the steps of a batch, until the rewind.
  template <class T>
  T& keep(T object) {
    auto kept = std::make_shared<T>(std::move(object));
    kept_.push_back(kept);
    return *kept;
  }

  // For what an operation keeps until backward.
  Arena& arena() { return arena_; }
  // For what an operation needs only while it runs; given back before the next operation's backward.
  Arena& scratch() { return scratch_; }

 private:
  struct Value {
    float* value;
    float* gradient;
    std::size_t rows, columns;
  };
  struct Node {
    void (*run)(void* self, Tape& tape);
    void* self;
  };

  bool recording_;
  Arena arena_, scratch_;
  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace recur
