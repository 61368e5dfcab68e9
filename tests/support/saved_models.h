// Small models of every task in files, and the same files with something else in them.
#pragma once

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "data/safetensors_header.h"
#include "data/safetensors_sample.h"
#include "io/model_file.h"
#include "io/network_file.h"
#include "recur/types/error.h"
#include "support/language.h"
#include "support/records.h"

namespace recur {

// A file with models' tensors and texts, to be changed and written again.
struct EditedFile {
  explicit EditedFile(const std::string& path) {
    const SafetensorsFile file(path);
    for (const auto& [name, text] : file.metadata()) parts[name] = nlohmann::json::parse(text);
    for (const TensorView& tensor : file.tensors()) {
      bytes.emplace_back(tensor.bytes.begin(), tensor.bytes.end());
      tensors.push_back(tensor);
      tensors.back().bytes = bytes.back();
    }
  }
  EditedFile(const EditedFile&) = delete;
  EditedFile& operator=(const EditedFile&) = delete;

  void write(const std::string& path) const {
    std::map<std::string, std::string> texts;
    for (const auto& [name, part] : parts) texts[name] = part.dump();
    // As write_safetensors() does, but without waiting for the disk.
    std::vector<const TensorView*> order;
    std::string data;
    for (const TensorView& tensor : tensors) {
      order.push_back(&tensor);
      data.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    }
    std::string header = safetensors::format_header(path, texts, order);
    header.append((8 - header.size() % 8) % 8, ' ');
    std::ofstream(path, std::ios::binary) << safetensors_bytes(header, data);
  }
  // The values of a tensor, to be changed.
  std::span<float> floats(std::size_t tensor) {
    return {reinterpret_cast<float*>(bytes[tensor].data()), bytes[tensor].size() / sizeof(float)};
  }
  std::span<float> floats(const std::string& name) {
    const auto place = std::ranges::find(tensors, name, &TensorView::name);
    return floats(static_cast<std::size_t>(place - tensors.begin()));
  }

  std::map<std::string, nlohmann::json> parts;
  std::vector<TensorView> tensors;

 private:
  std::vector<std::vector<std::byte>> bytes;
};

// A task's network and the data that it scores. Weights of 3e38 are finite, and nothing that comes out of them is.
struct SavedTask {
  std::string name;
  TaskOptions options;
  std::string data;
};

inline std::vector<SavedTask> saved_tasks() {
  const std::string texts = "a\tx y\nb\ty z x\na\tx\n";
  ClassifyOptions words;
  words.network = {.layers = 1, .hidden = 3, .bidirectional = true};
  words.embedding = 2;
  words.class_weights = "a=2";
  ClassifyOptions subwords = words;
  subwords.text.kind = TokenizerKind::subword;
  subwords.text.subwords = 12;
  ClassifyOptions several = words;
  several.class_weights = "";
  several.labels = LabelCount::several;
  ClassifyOptions numbers = words;
  numbers.pooling = Pooling::attention;
  TagOptions tag;
  tag.network = {.layers = 1, .hidden = 3, .bidirectional = true};
  tag.embedding = 2;
  tag.letter_hidden = tag.letter_embedding = 2;
  TagOptions separate = tag;
  separate.crf = false;
  TranslateOptions translate;
  translate.network = {.cell = "lstm", .layers = 2, .hidden = 3, .bidirectional = true};
  translate.source.kind = TokenizerKind::character;
  translate.embedding = 2;
  ConditionedOptions conditioned;
  conditioned.network = {.cell = "lstm", .layers = 1, .hidden = 3};
  conditioned.embedding = conditioned.condition_size = 2;
  TranscribeOptions transcribe;
  transcribe.network = {.layers = 1, .hidden = 3, .bidirectional = true};
  transcribe.embedding = 2;
  TranscribeOptions looking = transcribe;
  looking.output = TranscriptOutput::attention;
  const std::string spoken = "{\"audio\":[[1,2],[3,5],[2,2]],\"text\":\"ab\"}\n{\"audio\":[[4,3]],\"text\":\"b\"}\n";
  const std::string vectors = "{\"label\":\"a\",\"sequence\":[[1,2],[3,5]]}\n{\"label\":\"b\",\"sequence\":[[4,3]]}\n";
  const std::string tagged = "the D\ncat N\n\na D\ndog N\n\n";
  return {{"words", words, texts},
          {"subwords", subwords, texts},
          {"numbers", numbers, vectors},
          {"tags", tag, tagged},
          {"separate", separate, tagged},
          {"pairs", translate, "abc\tx y\nb\ty\n"},
          {"several", several, "a,b\tx y\n\ty z x\na\tx\n"},
          {"spoken", transcribe, spoken},
          {"looking", looking, spoken},
          {"conditioned", conditioned, texts}};
}

// Saves a task's network with random parameters as folder/name, and its data as folder/name.data.
inline void save_task(const TempFolder& folder, const SavedTask& task,
                      const std::function<void(Parameters&)>& change = {}) {
  const RecordsCase c(task.options, task.data);
  if (change) change(c.network->parameters());
  folder.write(task.name + ".data", task.data);
  save_model(folder.file(task.name), head_of(*c.network), c.network->parameters(), "{}");
}

}  // namespace recur
