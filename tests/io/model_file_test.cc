#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "data/safetensors.h"
#include "io/network_file.h"
#include "recur/types/error.h"
#include "support/language.h"

namespace recur::model_file_test {
namespace {

using nlohmann::json;

// What reading a file says, or "loaded".
std::string outcome(const std::string& path) {
  try {
    read_network(ModelFile(path));
    return "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    EXPECT_TRUE(std::string(error.what()).starts_with(path)) << error.what();
    return error.what();
  }
}

std::unique_ptr<Network> small_network() { return test_network({{.cell = "gru", .layers = 2, .hidden = 5}}, 6); }

void save(const std::string& path, const Network& network) {
  save_model(path, head_of(network), network.parameters(), "{}");
}

TEST(ModelFile, KeepsEverything) {
  const TempFolder folder;
  for (const bool one_hot : {true, false}) {
    const auto network = test_network({{.layers = 2, .hidden = 5}, one_hot ? 0U : 5U, !one_hot}, 7);
    save_model(folder.file("m"), head_of(*network), network->parameters(), R"({"data":"x"})");
    const ModelFile file(folder.file("m"));
    const auto loaded = read_network(file);
    EXPECT_EQ(file.provenance()["data"], "x");
    EXPECT_EQ(loaded->options().as<LanguageModelOptions>()->tied, !one_hot);
    EXPECT_EQ(tokenizer_of(*loaded).vocabulary().tokens(), tokenizer_of(*network).vocabulary().tokens());
    const auto before = network->parameters().values();
    const auto after = loaded->parameters().values();
    EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin(), after.end()));
  }
}

TEST(ModelFile, HasPyTorchsLayout) {
  const TempFolder folder;
  const auto network = small_network();
  save(folder.file("m"), *network);
  const SafetensorsFile file(folder.file("m"));
  const std::vector<std::int64_t> shape = {15, 6};
  const std::span<const float> weight = file.floats("rnn.weight_ih_l0", shape);
  // In memory a one-hot layer keeps [columns, rows].
  const float* kept = network->parameters().value(0);
  ASSERT_EQ(network->parameters().declarations()[0].name, "rnn.weight_ih_l0");
  for (std::size_t row = 0; row < 15; ++row)
    for (std::size_t column = 0; column < 6; ++column) EXPECT_EQ(weight[row * 6 + column], kept[column * 15 + row]);
}

TEST(ModelFile, CutAnywhereIsRefused) {
  const TempFolder folder;
  save(folder.file("m"), *small_network());
  const std::string whole = folder.read("m");
  ASSERT_EQ(outcome(folder.file("m")), "loaded");
  for (std::size_t size = 0; size < whole.size(); size += size < 200 ? 1 : 13) {
    folder.write("cut", whole.substr(0, size));
    ASSERT_NE(outcome(folder.file("cut")), "loaded") << size << " of " << whole.size() << " bytes";
  }
}

TEST(ModelFile, AFileOfTheFirstFormatIsRead) {
  const TempFolder folder;
  save(folder.file("m"), *small_network());
  const SafetensorsFile file(folder.file("m"));
  auto metadata = file.metadata();
  // Options and tokenizer were parts of their own.
  const json whole = json::parse(metadata["model"]);
  json options = whole["options"];
  for (const char* name : {"tokenizer", "min-count", "max-vocab", "lowercase"}) options.erase(name);
  metadata["model"] = options.dump();
  metadata["tokenizer"] = whole["tokenizer"].dump();
  metadata["recur"] = json({{"format", 3}, {"task", "language model"}}).dump();
  write_safetensors(folder.file("third"), metadata, file.tensors());
  EXPECT_EQ(outcome(folder.file("third")), "loaded");
  for (const char* name : {"layer-norm", "zoneout", "window", "connection"}) options.erase(name);
  metadata["model"] = options.dump();
  write_safetensors(folder.file("second"), metadata, file.tensors());
  EXPECT_EQ(outcome(folder.file("second")), "loaded");  // what it lacks is as it is by default
  metadata["recur"] = json({{"format", 1}, {"task", "language model"}}).dump();
  write_safetensors(folder.file("first"), metadata, file.tensors());
  EXPECT_EQ(outcome(folder.file("first")), "loaded");
}

// Each field of the configuration, missing and of every wrong kind in turn.
TEST(ModelFile, AWrongConfigurationIsRefused) {
  const TempFolder folder;
  save(folder.file("m"), *small_network());
  const SafetensorsFile file(folder.file("m"));
  const json head = json::parse(file.metadata().at("recur")), model = json::parse(file.metadata().at("model"));
  const auto expect_refused = [&](const char* key, const json& value, const std::string& what) {
    auto metadata = file.metadata();
    metadata[key] = value.dump();
    write_safetensors(folder.file("wrong"), metadata, file.tensors());
    EXPECT_NE(outcome(folder.file("wrong")), "loaded") << key << ": " << what;
  };
  const std::vector<json> wrong = {nullptr, -1, 1e300, "x", json::array(), json::object(), 18446744073709551615U};
  // Of an object: calls expect(changed, what) with each of its fields wrong and, unless they are optional, missing.
  const auto spoil = [&](const json& right, bool optional, const auto& expect) {
    for (const auto& [name, value] : right.items()) {
      json without = right;
      without.erase(name);
      if (!optional) expect(without, "without " + name);
      for (const json& bad : wrong) {
        const bool may_be = (name == "dropout" && (bad == -1 || bad.is_null())) ||
                            ((name == "min-count" || name == "max-vocab") && bad == 18446744073709551615U);
        if (may_be) continue;
        json changed = right;
        changed[name] = bad;
        expect(changed, name + " = " + bad.dump());
      }
    }
    expect(json::array(), "an array");
  };
  spoil(head, false, [&](const json& changed, const std::string& what) { expect_refused("recur", changed, what); });
  for (const char* part : {"options", "tokenizer"}) {
    spoil(model[part], part == std::string("options"), [&](const json& changed, const std::string& what) {
      json other = model;
      other[part] = changed;
      expect_refused("model", other, part + (": " + what));
    });
  }
  json other = model;
  other["options"]["hidden"] = 6;  // then every tensor has another shape
  expect_refused("model", other, "hidden = 6");
  expect_refused("model", json::array(), "an array");
}

TEST(ModelFile, AMissingTensorIsNamed) {
  const TempFolder folder;
  save(folder.file("m"), *small_network());
  const SafetensorsFile file(folder.file("m"));
  for (std::size_t i = 0; i < file.tensors().size(); ++i) {
    std::vector<TensorView> tensors = file.tensors();
    const std::string name = tensors[i].name;
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(i));
    write_safetensors(folder.file("less"), file.metadata(), tensors);
    EXPECT_NE(outcome(folder.file("less")).find(name), std::string::npos);
  }
}

TEST(ModelFile, AModelIsNoCheckpoint) {
  const TempFolder folder;
  save(folder.file("m"), *small_network());
  EXPECT_THROW(read_training_state(ModelFile(folder.file("m"))), Error);
}

}  // namespace
}  // namespace recur::model_file_test
