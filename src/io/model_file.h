// The model file and the training checkpoint: one safetensors file each, weights under PyTorch's names and in its
// layouts, everything else as JSON in the metadata. A checkpoint is a model file plus the optimiser's state, the mean
// of the parameters, the carried state and the position of the run.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "data/safetensors.h"
#include "nn/parameters.h"
#include "train/average.h"
#include "train/loop.h"
#include "train/optimizer.h"

namespace recur {

// What a file holds besides parameters: the model's task, and configuration and vocabularies by name, as JSON.
struct ModelHead {
  std::string task;
  std::map<std::string, std::string> parts;
};

// `provenance`: where the model comes from, a JSON object that travels with it.
void save_model(const std::string& path, const ModelHead& head, const Parameters& parameters,
                const std::string& provenance);
// The same of any tensors.
void save_model(const std::string& path, const ModelHead& head, std::span<const TensorView> tensors,
                const std::string& provenance);

class ModelFile {
 public:
  // Throws Error naming the file and what is wrong: not a model file, or of a later format.
  explicit ModelFile(const std::string& path);
  // The same of a file's bytes, which must outlive it.
  ModelFile(std::span<const std::byte> bytes, std::string name);

  const std::string& name() const { return file_.name(); }
  const std::string& task() const { return task_; }
  // The format in which it was written.
  std::uint64_t format() const { return format_; }
  static constexpr std::uint64_t kFormat = 4, kOldestFormat = 1;

  // A part of the head, or of what a checkpoint adds. Throws Error where there is none or it is no JSON.
  nlohmann::json part(const char* key) const;
  bool has_part(const char* key) const { return file_.metadata().contains(key); }
  // Throws Error where it is no object.
  nlohmann::json provenance() const;

  // Gives declared parameters memory and the file's values. Throws Error naming the tensor that is missing, of another
  // shape (before anything is allocated, so that a wrong size cannot ask for more than the file holds), or holds an
  // infinity or a NaN.
  void read_parameters(Parameters& parameters) const;
  // The values of one tensor, checked in the same way.
  std::span<const float> finite_floats(std::string_view name, std::span<const std::int64_t> shape) const;

  // The container, for tensors of other types.
  const SafetensorsFile& tensors() const { return file_; }

  // Calls read(), and says of this file what it throws.
  template <class Read>
  auto checked(const Read& read) const {
    try {
      return read();
    } catch (const Error& error) {
      fail("{}: not a valid model file: {}", name(), error.what());
    }
  }

 private:
  void read_head();

  SafetensorsFile file_;
  std::string task_;
  std::uint64_t format_ = 0;
};

// Where a run is.
struct TrainingState {
  std::string job;   // all its options, as JSON
  std::string data;  // numbers that tell its data from others', as JSON: a resumed run must find the same
  Progress progress;
  // The vector instructions that it runs with, as simd_name() says: sums over lanes have other bits with others. Empty
  // where the file does not tell.
  std::string simd;
};

void save_checkpoint(const std::string& path, const ModelHead& head, const Parameters& parameters, Optimizer& optimizer,
                     Average& average, Task& task, const TrainingState& state);
// Throws Error when the file is a model or of another format.
TrainingState read_training_state(const ModelFile& file);
// The state of the optimiser, of the mean, which begins anew where the file has none or one of another kind, and of the
// task, once they have been made. Throws Error where these, or the file's progress, are not what a run of this task can
// have left.
void restore_training(const ModelFile& file, const Progress& progress, Optimizer& optimizer, Average& average,
                      Task& task);

}  // namespace recur
