// From hidden vectors to probabilities over a vocabulary, whose ids are by descending frequency if it is large. Three
// kinds, see Softmax of recur/types/network.h; their parameters are
//
//   full, sampled   PREFIXweight [vocabulary, width], PREFIXbias [vocabulary]
//   adaptive        PREFIXhead.weight [first cutoff + clusters, width], PREFIXhead.bias, and for each cluster i of ids
//                   from cutoff i to the next: PREFIXtail.i.projection [width / 4^(i + 1), width] and
//                   PREFIXtail.i.weight [ids, width / 4^(i + 1)], without biases
//
// as in PyTorch's AdaptiveLogSoftmaxWithLoss: the head's last classes are the clusters, and an id's probability is its
// cluster's times its own within the cluster.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "nn/parameters.h"
#include "nn/run.h"
#include "recur/types/network.h"

namespace recur {

struct OutputOptions {
  Softmax kind = Softmax::full;
  // adaptive: where clusters of ids begin, ascending, from 1 to below the vocabulary. Empty: at a twentieth and at a
  // quarter of the vocabulary.
  std::vector<std::size_t> cutoffs = {};
  std::size_t samples = 512;  // sampled: ids drawn for each batch; the vocabulary or more is as full
};

class OutputLayer {
 public:
  // Declares the parameters. `shared`, of full and sampled, is a weight [vocabulary, width] that is declared already (a
  // tied embedding) and takes the place of PREFIXweight. Throws Error naming the flag of an option that makes no sense.
  OutputLayer(const OutputOptions& options, std::size_t width, std::size_t vocabulary, Parameters& parameters,
              const std::string& prefix, std::optional<Parameters::Id> shared = {});

  // With the cutoffs that were chosen.
  const OutputOptions& options() const { return options_; }
  // The ids are those of this vocabulary.
  void name_rows(Parameters& parameters, const std::string& vocabulary) const;
  std::size_t vocabulary() const { return vocabulary_; }
  // Of full and sampled; adaptive: the head's.
  Parameters::Id weight() const { return weight_; }
  Parameters::Id bias() const { return bias_; }

  // The sum of -log p(target) over the rows of x [rows, width], see linear_cross_entropy. sampled: on a tape that
  // records, with noise that is active, it is the loss against the sample. Smoothing and class weights are for full
  // only; throws Error otherwise. `targets` must outlive the tape's contents.
  double loss(const Run& run, Var x, std::span<const int> targets, const CrossEntropy& how) const;

  // [rows, vocabulary]; nothing flows back through it.
  Var log_probabilities(const Run& run, Var x) const;

 private:
  struct Cluster {
    std::size_t first, size;  // ids
    Parameters::Id projection, weight;
  };
  void declare_clusters(std::size_t width, Parameters& parameters, const std::string& prefix);
  double adaptive_loss(const Run& run, Var x, std::span<const int> targets, const CrossEntropy& how) const;

  OutputOptions options_;
  std::size_t vocabulary_, head_;  // classes of the head that are ids
  Parameters::Id weight_ = 0, bias_ = 0;
  std::vector<Cluster> clusters_;
};

}  // namespace recur
