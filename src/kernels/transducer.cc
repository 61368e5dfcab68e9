#include "kernels/transducer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "base/log_add.h"
#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

constexpr std::size_t kBlock = 128;  // nodes that are computed at once
constexpr std::size_t kSlices = 8;   // of a batch, whose gradients of weights are summed apart

struct Sizes {
  std::size_t joint, outputs;
};

// What a worker needs for one sequence of at most so many nodes.
struct Memory {
  Memory(const Sizes& sizes, std::size_t most_nodes, std::size_t most_read, bool gradients, Arena& arena)
      : blank(arena.take<double>(most_nodes).data()),
        token(arena.take<double>(most_nodes).data()),
        alpha(arena.take<double>(most_nodes).data()),
        beta(arena.take<double>(most_read).data()),
        read(arena.take<float>(most_read, sizes.joint).data()),
        hidden(arena.take<float>(kBlock, sizes.joint).data()),
        logits(arena.take<float>(kBlock, sizes.outputs).data()) {
    if (!gradients) return;
    d_read = arena.take<float>(most_read, sizes.joint).data();
    d_hidden = arena.take<float>(kBlock, sizes.joint).data();
    // Of a block's hidden values, packed for a product.
    const std::size_t panels = (sizes.joint + PackedMatrix::kPanel - 1) / PackedMatrix::kPanel;
    packing = arena.part(panels * PackedMatrix::kPanel * kBlock * sizeof(float));
  }

  // Of each node: log p of the blank and of the target's next token; after backward(), what flows through them.
  double *blank, *token;
  double* alpha;  // log
  double* beta;   // log, of one step's nodes
  float* read;    // [tokens + 1, joint], of this sequence
  float *hidden, *logits;
  float *d_read = nullptr, *d_hidden = nullptr;
  Arena packing;
};

// The output layer in the shapes that products want.
struct Output {
  PackedMatrix forward, backward;
};

// The lattice of one sequence: node n = t (U + 1) + u.
class Lattice {
 public:
  Lattice(const TransducerProblem& problem, const Output& output, std::size_t row, Memory& memory)
      : problem_(problem),
        output_(output),
        row_(row),
        target_(problem.targets[row]),
        steps_(problem.steps->length_of(row)),
        width_(target_.size() + 1),
        joint_(problem.encoded.columns),
        outputs_(problem.weight.rows),
        memory_(memory) {
    for (std::size_t u = 0; u < width_; ++u) {
      std::copy_n(problem.read.data + read_at(u) * problem.read.stride, joint_, memory_.read + u * joint_);
    }
  }

  // Returns log p(target).
  double forward() {
    for (std::size_t first = 0; first < nodes(); first += kBlock) {
      const std::size_t count = std::min(kBlock, nodes() - first);
      compute_logits(first, count);
      for (std::size_t i = 0; i < count; ++i) read_row(first + i, {memory_.logits + i * outputs_, outputs_});
    }
    const double *blank = memory_.blank, *token = memory_.token;
    double* alpha = memory_.alpha;
    for (std::size_t t = 0, n = 0; t < steps_; ++t) {
      for (std::size_t u = 0; u < width_; ++u, ++n) {
        const double from_step = t > 0 ? alpha[n - width_] + blank[n - width_] : n == 0 ? 0 : kLogOfZero;
        alpha[n] = u > 0 ? log_add(from_step, alpha[n - 1] + token[n - 1]) : from_step;
      }
    }
    return alpha[nodes() - 1] + blank[nodes() - 1];
  }

  // `all` is what forward() returned; sums of weights' gradients go to `weight` and `bias`.
  void backward(double all, float scale, const TransducerGradients& to, float* weight, float* bias) {
    share(all, scale);
    std::fill_n(memory_.d_read, width_ * joint_, 0.0F);
    for (std::size_t t = 0; t < steps_; ++t) std::fill_n(to.encoded + at(t) * joint_, joint_, 0.0F);
    for (std::size_t first = 0; first < nodes(); first += kBlock) {
      const std::size_t count = std::min(kBlock, nodes() - first);
      compute_logits(first, count);
      for (std::size_t i = 0; i < count; ++i) derive_row(first + i, {memory_.logits + i * outputs_, outputs_});
      flow_back(first, count, to.encoded, weight, bias);
    }
    for (std::size_t u = 0; u < width_; ++u) {
      std::copy_n(memory_.d_read + u * joint_, joint_, to.read + read_at(u) * joint_);
    }
  }

 private:
  std::size_t nodes() const { return steps_ * width_; }
  std::size_t at(std::size_t t) const { return problem_.steps->offset(t) + row_; }
  std::size_t read_at(std::size_t u) const { return problem_.read_steps->offset(u) + problem_.read_row[row_]; }
  bool has_next(std::size_t node) const { return node % width_ + 1 < width_; }
  std::size_t next(std::size_t node) const { return static_cast<std::size_t>(target_[node % width_]); }

  // Of the nodes [first, first + count) the hidden values and the logits.
  void compute_logits(std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t t = (first + i) / width_, u = (first + i) % width_;
      tanh_of_sum(joint_, problem_.encoded.data + at(t) * problem_.encoded.stride, memory_.read + u * joint_,
                  memory_.hidden + i * joint_);
    }
    multiply_block({memory_.hidden, count, joint_, joint_}, output_.forward, 0, output_.forward.panels(),
                   {ProductStart::From::bias, problem_.bias}, memory_.logits, outputs_);
  }

  void read_row(std::size_t node, std::span<float> logits) {
    const auto blank = static_cast<double>(logits[static_cast<std::size_t>(problem_.blank)]);
    const double token = has_next(node) ? static_cast<double>(logits[next(node)]) : kLogOfZero;
    const double log_sum = softmax(logits);
    memory_.blank[node] = blank - log_sum;
    memory_.token[node] = token - log_sum;
  }

  // Runs beta backwards and leaves in `blank` and `token` the shares of all paths that go through them, times `scale`.
  void share(double all, float scale) {
    double* beta = memory_.beta;
    std::fill_n(beta, width_, kLogOfZero);
    for (std::size_t n = nodes(); n-- > 0;) {
      const std::size_t u = n % width_;
      const double by_blank = memory_.blank[n] + (n + 1 == nodes() ? 0 : beta[u]);
      const double by_token = u + 1 < width_ ? memory_.token[n] + beta[u + 1] : kLogOfZero;
      beta[u] = log_add(by_blank, by_token);
      memory_.blank[n] = static_cast<double>(scale) * std::exp(memory_.alpha[n] + by_blank - all);
      memory_.token[n] = static_cast<double>(scale) * std::exp(memory_.alpha[n] + by_token - all);
    }
  }

  // From a node's logits to their gradient: what flows through the node leaves it by the blank or by the token.
  void derive_row(std::size_t node, std::span<float> logits) const {
    const double blank = memory_.blank[node], token = memory_.token[node];
    softmax(logits, static_cast<float>(blank + token));
    logits[static_cast<std::size_t>(problem_.blank)] -= static_cast<float>(blank);
    if (has_next(node)) logits[next(node)] -= static_cast<float>(token);
  }

  void flow_back(std::size_t first, std::size_t count, float* d_encoded, float* weight, float* bias) {
    const ConstMatrix d{memory_.logits, count, outputs_, outputs_};
    multiply_block(d, output_.backward, 0, output_.backward.panels(), {ProductStart::From::zero}, memory_.d_hidden,
                   joint_);
    const Arena::Mark mark = memory_.packing.mark();
    const TransposedProduct of_weight{pack_if_wide({memory_.hidden, count, joint_, joint_}, memory_.packing),
                                      {weight, outputs_, joint_, joint_}};
    accumulate_transposed(d, {&of_weight, 1}, bias);
    memory_.packing.release(mark);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t t = (first + i) / width_, u = (first + i) % width_;
      tanh_of_sum_backward(joint_, memory_.hidden + i * joint_, memory_.d_hidden + i * joint_,
                           d_encoded + at(t) * joint_, memory_.d_read + u * joint_);
    }
  }

  const TransducerProblem& problem_;
  const Output& output_;
  std::size_t row_;
  std::span<const int> target_;
  std::size_t steps_, width_, joint_, outputs_;
  Memory& memory_;
};

}  // namespace

void transducer(const TransducerProblem& problem, float scale, std::span<double> losses,
                const TransducerGradients* gradients, Arena& scratch) {
  const std::size_t batch = problem.steps->batch();
  assert(problem.encoded.rows == problem.steps->total() && problem.read.rows == problem.read_steps->total());
  assert(losses.size() == batch && problem.targets.size() == batch && problem.read_row.size() == batch);
  const Sizes sizes{problem.encoded.columns, problem.weight.rows};
  std::size_t most_nodes = 0, most_read = 0;
  for (std::size_t row = 0; row < batch; ++row) {
    most_read = std::max(most_read, problem.targets[row].size() + 1);
    most_nodes = std::max(most_nodes, problem.steps->length_of(row) * (problem.targets[row].size() + 1));
  }
  const Output output{pack_transposed(problem.weight, scratch),
                      gradients == nullptr ? PackedMatrix{nullptr, 0, 0} : pack(problem.weight, scratch)};
  // Sequences take turns, so that each slice has long ones and short ones.
  const std::size_t slices = std::min(batch, kSlices), weights = sizes.outputs * sizes.joint;
  const std::span<float> sums = scratch.take<float>(gradients == nullptr ? 0 : slices, weights + sizes.outputs);
  std::fill(sums.begin(), sums.end(), 0.0F);
  std::vector<Memory> memories;
  for (std::size_t worker = 0; worker < std::min(slices, thread_count()); ++worker) {
    memories.emplace_back(sizes, most_nodes, most_read, gradients != nullptr, scratch);
  }
  parallel_for(slices, [&](std::size_t slice, std::size_t worker) {
    float* own = sums.data() + slice * (weights + sizes.outputs);
    for (std::size_t row = slice; row < batch; row += slices) {
      Lattice lattice(problem, output, row, memories[worker]);
      const double log_p = lattice.forward();
      losses[row] = -log_p;
      if (gradients != nullptr) lattice.backward(log_p, scale, *gradients, own, own + weights);
    }
  });
  for (std::size_t slice = 0; slice < slices && gradients != nullptr; ++slice) {
    const float* own = sums.data() + slice * (weights + sizes.outputs);
    accumulate_elements(weights, own, gradients->weight);
    accumulate_elements(sizes.outputs, own + weights, gradients->bias);
  }
}

}  // namespace recur
