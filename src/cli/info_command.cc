// recur info: what is in a model file.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/option_json.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "recur/model.h"
#include "recur/types/cell.h"
#include "recur/word_vectors.h"

namespace recur {
namespace {

using nlohmann::json;

struct InfoArguments {
  std::string model;
  bool as_json = false;
};

// A line each, the values below each other.
std::string option_lines(const char* indent, const json& options) {
  std::size_t width = 10;
  for (const auto& [name, value] : options.items()) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : options.items()) {
    const std::string shown = value.is_number_float() ? fmt::format("{:.6g}", value.get<double>())
                              : value.is_string()     ? value.get<std::string>()
                                                      : value.dump();
    text += fmt::format("{}{:{}}  {}\n", indent, name, width, printable(shown));
  }
  return text;
}

// The options that are not what they are by default.
std::string options_text(const json& options) {
  constexpr std::array kShown = {"cell", "layers", "hidden", "embedding", "tied", "tokenizer"};
  const json standard = options_json(LanguageModelOptions());
  json others = json::object();
  for (const auto& [name, value] : options.items()) {
    if (std::ranges::find(kShown, name) == kShown.end() && value != standard[name]) others[name] = value;
  }
  return option_lines("", others);
}

std::string network_text(const LanguageModelOptions& o, const json& about) {
  const CellInfo& cell = find_cell(o.cell);
  std::string text = fmt::format("cell        {}", cell.name);
  if (cell.year != 0) text += fmt::format(", {}", cell.year);
  if (!cell.source.empty()) text += ", " + cell.source;
  text += "\n" + indented(cell.equations);
  text += fmt::format("layers      {}\nhidden      {}\n", o.layers, o.hidden);
  text += o.embedding == 0
              ? "input       one-hot\n"
              : fmt::format("input       embedding of width {}{}\n", o.embedding, o.tied ? ", tied to the output" : "");
  text += options_text(about["model"]);
  return text + fmt::format("vocabulary  {} ({})\n", with_thousands(about["vocabulary"].get<std::uint64_t>()),
                            about["tokenizer"].get<std::string>());
}

std::string layers_text(const json& layers) {
  std::string text = "\nlayers\n";
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string part = layers[i].contains("part") ? layers[i]["part"].get<std::string>() + " " : "";
    text += fmt::format("  {}  {}{}: {}\n", i, part, layers[i]["cell"].get<std::string>(),
                        layers[i]["kernel"].get<std::string>());
  }
  return text;
}

// What a task tells of itself, and all its options.
std::string task_text(const json& about) {
  std::string text;
  for (const json& line : about["description"]) {
    text += fmt::format("{:10}  {}\n", line[0].get<std::string>(), printable(line[1].get<std::string>()));
  }
  text += "\noptions\n";
  text += option_lines("  ", about["model"]);
  return text;
}

std::string tensors_text(const json& tensors) {
  std::size_t width = 0;
  for (const json& tensor : tensors) width = std::max(width, tensor["name"].get<std::string>().size());
  std::string text = "\ntensors\n";
  for (const json& tensor : tensors) {
    std::string shape;
    for (const json& size : tensor["shape"]) shape += (shape.empty() ? "" : " x ") + size.dump();
    text += fmt::format("  {:{}}  {}\n", tensor["name"].get<std::string>(), width, shape);
  }
  return text;
}

std::string provenance_text(const json& provenance) {
  if (provenance.empty()) return "";
  std::string text = "\nprovenance\n";
  for (const auto& [name, value] : provenance.items()) {
    text += fmt::format("  {:20}  {}\n", name, printable(value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return text;
}

std::string vectors_text(const json& about) {
  std::string text = fmt::format("word vectors\n\nwords       {}\nwidth       {}\n",
                                 with_thousands(about["words"].get<std::uint64_t>()), about["width"].dump());
  if (about["ngrams"] != 0) {
    text += fmt::format("n-grams     {} of letters\n", with_thousands(about["ngrams"].get<std::uint64_t>()));
  }
  if (!about["model"].empty()) text += "\noptions\n";
  text += option_lines("  ", about["model"]);
  return text + provenance_text(about["provenance"]);
}

int inform(const InfoArguments& options) {
  if (WordVectors::is_in(options.model)) {
    const std::string told = load_vectors(options.model).describe();
    write_out(options.as_json ? told + "\n" : vectors_text(json::parse(told)));
    return kDone;
  }
  const Model model = Model::load(options.model);
  const std::string description = model.describe();
  if (options.as_json) {
    write_out(description + "\n");
    return kDone;
  }
  const json about = json::parse(description);
  const auto* language = model.options().as<LanguageModelOptions>();
  write_out(fmt::format("{}, {} parameters\n\n", about["task"].get<std::string>(),
                        with_thousands(about["parameters"].get<std::uint64_t>())) +
            (language != nullptr ? network_text(*language, about) : task_text(about)) + layers_text(about["layers"]) +
            tensors_text(about["tensors"]) + provenance_text(about["provenance"]));
  return kDone;
}

}  // namespace

Command info_command() {
  const auto options = std::make_shared<InfoArguments>();
  Command command{"info",
                  "Tell what is in a model file: network, parameters, tensors, origin\n"
                  "\n"
                  "Also tells which kernel runs each layer on this machine.",
                  "Example:\n  recur info book.safetensors"};
  list_model(command.options, options->model);
  command.options.flag("json", options->as_json, "The same as one JSON object");
  command.run = [options](const Given&) { return inform(*options); };
  return command;
}

}  // namespace recur
