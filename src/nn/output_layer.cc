#include "nn/output_layer.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "autograd/readout.h"
#include "autograd/sampled_softmax.h"
#include "base/error.h"
#include "base/threads.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

constexpr std::size_t kNarrower = 4;  // each cluster than the one before

InitialValues start_for(std::size_t width) { return InitialValues::within(1 / std::sqrt(static_cast<float>(width))); }

std::vector<std::size_t> chosen_cutoffs(std::size_t vocabulary) {
  std::vector<std::size_t> cutoffs;
  for (const std::size_t part : {20U, 4U}) {
    const std::size_t cutoff = std::max<std::size_t>(1, vocabulary / part);
    if (cutoff < vocabulary && (cutoffs.empty() || cutoff > cutoffs.back())) cutoffs.push_back(cutoff);
  }
  return cutoffs;
}

void check_cutoffs(std::span<const std::size_t> cutoffs, std::size_t vocabulary) {
  std::size_t before = 0;
  for (const std::size_t cutoff : cutoffs) {
    if (cutoff <= before || cutoff >= vocabulary) {
      fail("--cutoffs: expected ascending numbers from 1 to below {}, the size of the vocabulary, got {} after {}",
           vocabulary, cutoff, before);
    }
    before = cutoff;
  }
}

ConstMatrix matrix_of(const Parameters& parameters, Parameters::Id id) {
  const std::vector<std::int64_t>& shape = parameters.declarations()[id].shape;
  const auto rows = static_cast<std::size_t>(shape[0]), columns = static_cast<std::size_t>(shape[1]);
  return {parameters.value(id), rows, columns, columns};
}

// C = A W^T + bias. Threads share the columns when there are few rows; the bits are the same.
void product(const ConstMatrix& a, const ConstMatrix& weight, const float* bias, const Matrix& c, Arena& scratch) {
  const PackedMatrix packed = pack_transposed(weight, scratch);
  const ProductStart start =
      bias != nullptr ? ProductStart{ProductStart::From::bias, bias} : ProductStart{ProductStart::From::zero};
  constexpr std::size_t kFewRows = 96, kPanels = 64;
  if (a.rows > kFewRows) return multiply(a, packed, start, c);
  parallel_slices(packed.panels(), kPanels, [&](std::size_t first, std::size_t last) {
    multiply_block(a, packed, first, last - first, start, c.data + first * PackedMatrix::kPanel, c.stride);
  });
}

}  // namespace

OutputLayer::OutputLayer(const OutputOptions& options, std::size_t width, std::size_t vocabulary,
                         Parameters& parameters, const std::string& prefix, std::optional<Parameters::Id> shared)
    : options_(options), vocabulary_(vocabulary), head_(vocabulary) {
  constexpr std::size_t kMostSamples = 10'000'000;
  if (options.samples == 0 || options.samples > kMostSamples) {
    fail("--samples: expected a number from 1 to {}, got {}", kMostSamples, options.samples);
  }
  if (options.kind == Softmax::adaptive) {
    if (shared) fail("--softmax adaptive has no weight that could be tied; leave out --tied");
    declare_clusters(width, parameters, prefix);
    return;
  }
  weight_ = shared ? *shared : parameters.declare(prefix + "weight", vocabulary, width, start_for(width));
  bias_ = parameters.declare(prefix + "bias", 0, vocabulary, start_for(width));
}

void OutputLayer::declare_clusters(std::size_t width, Parameters& parameters, const std::string& prefix) {
  std::vector<std::size_t>& cutoffs = options_.cutoffs;
  check_cutoffs(cutoffs, vocabulary_);
  if (cutoffs.empty()) cutoffs = chosen_cutoffs(vocabulary_);
  if (!cutoffs.empty()) head_ = cutoffs.front();
  const std::size_t classes = head_ + cutoffs.size();
  weight_ = parameters.declare(prefix + "head.weight", classes, width, start_for(width));
  bias_ = parameters.declare(prefix + "head.bias", 0, classes, start_for(width));
  std::size_t narrow = width;
  for (std::size_t i = 0; i < cutoffs.size(); ++i) {
    narrow = std::max<std::size_t>(1, narrow / kNarrower);
    const std::size_t size = (i + 1 < cutoffs.size() ? cutoffs[i + 1] : vocabulary_) - cutoffs[i];
    const std::string tail = prefix + "tail." + std::to_string(i) + ".";
    const Parameters::Id projection = parameters.declare(tail + "projection", narrow, width, start_for(width));
    clusters_.push_back(
        {cutoffs[i], size, projection, parameters.declare(tail + "weight", size, narrow, start_for(narrow))});
  }
}

void OutputLayer::name_rows(Parameters& parameters, const std::string& vocabulary) const {
  parameters.name_rows(weight_, vocabulary);
  parameters.name_rows(bias_, vocabulary);
  for (const Cluster& cluster : clusters_) parameters.name_rows(cluster.weight, vocabulary);
}

double OutputLayer::loss(const Run& run, Var x, std::span<const int> targets, const CrossEntropy& how) const {
  if (options_.kind != Softmax::full && (how.label_smoothing > 0 || !how.class_weights.empty())) {
    fail("label smoothing and class weights need --softmax full, it is {}", to_string(options_.kind));
  }
  if (options_.kind == Softmax::adaptive) return adaptive_loss(run, x, targets, how);
  Tape& tape = run.tape;
  const Parameter weight = run[weight_], bias = run[bias_];
  if (options_.kind == Softmax::sampled && options_.samples < vocabulary_ && tape.recording() && run.noise.active()) {
    const Noise noise = run.noise.child("sample");
    const ClassSample sample = sample_classes(tape, vocabulary_, options_.samples, noise.stream(), noise.position());
    return sampled_cross_entropy(tape, x, weight, bias, targets, sample, how.gradient_scale);
  }
  return linear_cross_entropy(tape, x, weight, bias, targets, how);
}

double OutputLayer::adaptive_loss(const Run& run, Var x, std::span<const int> targets, const CrossEntropy& how) const {
  Tape& tape = run.tape;
  const std::span<int> in_head = tape.arena().take<int>(targets.size());
  std::vector<std::size_t> sizes(clusters_.size() + 1);  // how many targets there are in the head and in each cluster
  for (std::size_t row = 0; row < targets.size(); ++row) {
    const auto target = static_cast<std::size_t>(targets[row]);
    assert(target < vocabulary_);
    const auto above = std::ranges::upper_bound(options_.cutoffs, target);
    const auto cluster = static_cast<std::size_t>(above - options_.cutoffs.begin());  // 0: none
    ++sizes[cluster];
    in_head[row] = cluster == 0 ? targets[row] : static_cast<int>(head_ + cluster - 1);
  }
  double sum = linear_cross_entropy(tape, x, run[weight_], run[bias_], in_head, how);
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    if (sizes[i + 1] == 0) continue;
    const std::span<std::size_t> rows = tape.arena().take<std::size_t>(sizes[i + 1]);
    const std::span<int> in_cluster = tape.arena().take<int>(sizes[i + 1]);
    std::size_t found = 0;
    for (std::size_t row = 0; row < targets.size(); ++row) {
      if (in_head[row] != static_cast<int>(head_ + i)) continue;
      in_cluster[found] = targets[row] - static_cast<int>(clusters_[i].first);
      rows[found++] = row;
    }
    const Var narrow = linear(tape, select_rows(tape, x, rows), run[clusters_[i].projection], Parameter{});
    sum += linear_cross_entropy(tape, narrow, run[clusters_[i].weight], Parameter{}, in_cluster, how);
  }
  return sum;
}

Var OutputLayer::log_probabilities(const Run& run, Var x) const {
  Tape& tape = run.tape;
  const Parameters& parameters = run.parameters;
  const Matrix in = tape.value(x);
  const Var y = tape.add(in.rows, vocabulary_);
  const Matrix out = tape.value(y);
  Arena& scratch = tape.scratch();
  scratch.rewind();
  if (clusters_.empty()) {
    product(in, matrix_of(parameters, weight_), parameters.value(bias_), out, scratch);
    parallel_for(in.rows, [&](std::size_t row) { log_softmax({out.data + row * vocabulary_, vocabulary_}); });
    return y;
  }
  const std::size_t classes = head_ + clusters_.size();
  const Matrix head{scratch.take<float>(in.rows, classes).data(), in.rows, classes, classes};
  product(in, matrix_of(parameters, weight_), parameters.value(bias_), head, scratch);
  for (const Cluster& cluster : clusters_) {
    const ConstMatrix projection = matrix_of(parameters, cluster.projection);
    const std::size_t narrow = projection.rows;
    const Matrix projected{scratch.take<float>(in.rows, narrow).data(), in.rows, narrow, narrow};
    product(in, projection, nullptr, projected, scratch);
    product(projected, matrix_of(parameters, cluster.weight), nullptr,
            {out.data + cluster.first, in.rows, cluster.size, vocabulary_}, scratch);
  }
  parallel_for(in.rows, [&](std::size_t row) {
    float* own = out.data + row * vocabulary_;
    const std::span<float> of_head(head.data + row * classes, classes);
    log_softmax(of_head);
    std::copy_n(of_head.begin(), head_, own);
    for (std::size_t i = 0; i < clusters_.size(); ++i) {
      const std::span<float> of_cluster(own + clusters_[i].first, clusters_[i].size);
      log_softmax(of_cluster);
      for (float& one : of_cluster) one += of_head[head_ + i];
    }
  });
  return y;
}

}  // namespace recur
