// Any JSON as the training state of a checkpoint whose tensors are those of a real one: recur::Error is the only way
// out but success, and then the training goes on. The input is JSON: {"task", "training": {"job", "data", "progress",
// "optimizer_steps"}}.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>
#include <string>

#include "data/safetensors.h"
#include "json_mutator.h"
#include "model_bytes.h"
#include "recur/model.h"
#include "recur/types/error.h"

namespace recur {
namespace {

// A folder with data and the checkpoints of two trainings that were stopped after two steps.
class Workplace {
 public:
  Workplace() {
    if (::mkdtemp(folder_.data()) == nullptr) std::abort();
    std::ofstream records(file("data.tsv")), text(file("text.txt"));
    for (int i = 0; i < 24; ++i) records << (i % 3 == 0 ? "yes\tof course" : "no\tnot at all") << "\n";
    for (int i = 0; i < 60; ++i) text << "ab ba\n";
    records.close();
    text.close();

    Job classify{.data = file("data.tsv"), .model = file("classify.safetensors"), .task = small_classifier()};
    classify.training.batch = 4;
    Model::train(classify, stop_after(2));
    Job language{.data = file("text.txt"), .model = file("language.safetensors")};
    language.task = LanguageModelOptions{{.layers = 1, .hidden = 3}};
    language.training.batch = 3;
    language.training.unroll = 7;
    Model::train(language, stop_after(2));
  }
  ~Workplace() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void resume_classifier(const Json& training) {
    replace_training("classify", training, "data.tsv");
    Model::train(read_job(file("classify.safetensors")), stop_after(3));
  }
  void resume_language_model(const Json& training) {
    replace_training("language", training, "text.txt");
    Model::train(read_job(file("language.safetensors")), stop_after(3));
  }

 private:
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

  static ClassifyOptions small_classifier() {
    ClassifyOptions options{.embedding = 2};
    options.network = {.layers = 1, .hidden = 3};
    return options;
  }

  static TrainingHooks stop_after(int steps) {
    TrainingHooks hooks;
    hooks.stop_requested = [steps]() mutable { return --steps <= 0; };
    return hooks;
  }

  // Writes the checkpoint of a training with another state, which reads the same data.
  void replace_training(const std::string& name, Json training, const std::string& data) {
    if (training.is_object() && training.contains("job") && training["job"].is_object()) {
      training["job"]["data"] = file(data);
      training["job"]["valid"] = "";
    }
    const std::string path = file(name + ".last.safetensors");
    if (!originals_.contains(name)) originals_[name] = read(path);
    const SafetensorsFile original(std::as_bytes(std::span(originals_[name])), path);
    auto metadata = original.metadata();
    metadata["training"] = training.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::ofstream(path, std::ios::binary) << safetensors_bytes(metadata, original.tensors());
  }

  static std::string read(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::string folder_ = std::filesystem::temp_directory_path() / "recur-fuzz-XXXXXX";
  std::map<std::string, std::string> originals_;
};

}  // namespace
}  // namespace recur

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static recur::Workplace workplace;
  const recur::Json input = recur::Json::parse(data, data + size, nullptr, false);
  if (!input.is_object() || !input.contains("task") || !input.contains("training")) return 0;
  try {
    if (input["task"] == "classify") {
      workplace.resume_classifier(input["training"]);
    } else {
      workplace.resume_language_model(input["training"]);
    }
  } catch (const recur::Error&) {
  } catch (
      const std::bad_alloc&) {  // sizes that no memory holds; memory that a few bytes ask for ends the program here
  }
  return 0;
}
