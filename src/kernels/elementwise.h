// Kernels on arrays of `count` floats, element by element.
#pragma once

#include <cstddef>

namespace recur {

// What happens to a state after the cell has computed it: zoneout and clipping.
struct StateUpdate {
  const float* keep = nullptr;  // 1 keeps the value of the step before, 0 takes the new one; null: `share` of each
  float share = 0;
  float clip = 0;  // values are kept within [-clip, clip]; 0: not

  bool any() const { return keep != nullptr || share > 0 || clip > 0; }
};

// state = keep * before + (1 - keep) * state, clipped.
void update_state(const StateUpdate& update, std::size_t count, const float* before, float* state);

// From the gradient of the updated state: stores that of the state before (its share of this step alone) and makes `d`
// that of what the cell computed. `state` is the updated state.
void update_state_backward(const StateUpdate& update, std::size_t count, const float* state, float* d, float* d_before);

// to = a + b; sum += a.
void add_elements(std::size_t count, const float* a, const float* b, float* to);
void accumulate_elements(std::size_t count, const float* a, float* sum);

// to = a * b; sum += a * b.
void multiply_elements(std::size_t count, const float* a, const float* b, float* to);
void add_products(std::size_t count, const float* a, const float* b, float* sum);

// to = tanh(a + b), and from the gradient `d` of the result y that of a and b, added to both.
void tanh_of_sum(std::size_t count, const float* a, const float* b, float* to);
void tanh_of_sum_backward(std::size_t count, const float* y, const float* d, float* d_a, float* d_b);

// out = x + sigmoid(gate) * (y - x), and from the gradient of `out` those of all three, added.
void mix(std::size_t count, const float* gate, const float* y, const float* x, float* out);
void mix_backward(std::size_t count, const float* gate, const float* y, const float* x, const float* d, float* d_gate,
                  float* d_y, float* d_x);

}  // namespace recur
