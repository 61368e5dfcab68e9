// Model files in which one thing is wrong: each is refused in one line, and none is believed.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/base64.h"
#include "recur/model.h"
#include "support/error_of.h"
#include "support/generation.h"
#include "support/saved_models.h"

namespace recur::damaged_model_test {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

// Everything that a model of a task is for.
void use_task(const std::string& path, const std::string& data) {
  const Model model = Model::load(path);
  model.describe();
  model.evaluate(data);
  model.predict(data, [](const Prediction*, std::size_t) {});
  if (model.task() == "conditioned lm") model.generate(generation("", 5), "a");
}

// Calls visit(place) for every value inside of `whole`; of a list, for its first.
void for_places(const json& whole, const Pointer& place, const std::function<void(const Pointer&)>& visit) {
  const json& value = whole.at(place);
  if (!place.empty()) visit(place);
  if (value.is_object()) {
    for (const auto& [name, part] : value.items()) for_places(whole, place / name, visit);
  } else if (value.is_array() && !value.empty()) {
    for_places(whole, place / 0, visit);
  }
}

json without(json whole, const Pointer& place) {
  whole.at(place.parent_pointer()).erase(place.back());
  return whole;
}

json with(json whole, const Pointer& place, const json& value) {
  whole.at(place) = value;
  return whole;
}

// What can never stand there: of another type, and lists that lack or repeat something.
std::vector<json> never(const json& value) {
  std::vector<json> wrong = {json::object(), json::array({json::array()})};
  if (!value.is_string()) wrong.emplace_back("x");
  if (!value.is_number() && !value.is_null()) wrong.insert(wrong.end(), {nullptr, 1});
  if (!value.is_boolean()) wrong.emplace_back(true);
  if (value.is_number_unsigned()) wrong.insert(wrong.end(), {-1, 1.5});
  if (value.is_array() && !value.empty()) {
    json twice = value, more = value, less = value;
    twice.insert(twice.end(), value.front());
    more.insert(more.end(), nullptr);
    less.erase(less.size() - 1);
    wrong.insert(wrong.end(), {twice, more, less, json::array()});
    if (value.size() > 1) {
      json repeated = value;
      repeated.back() = value.front();
      if (value.front().is_string()) wrong.push_back(repeated);
    }
    if (value.front().is_string()) {
      json blank = value;
      blank.back() = "";
      wrong.push_back(blank);
    }
  }
  return wrong;
}

// Numbers that nothing can be as large or as small as. What only the making of a model looks at is as the file says.
const std::set<std::string> kOnlyForMaking = {
    "min-count",        "max-vocab",       "subwords",         "freeze-epochs",    "source-min-count",
    "source-max-vocab", "source-subwords", "target-min-count", "target-max-vocab", "target-subwords"};

void expect_refused(const EditedFile& file, const TempFolder& folder, const std::string& what,
                    const std::function<void(const std::string&)>& use) {
  const std::string path = folder.file("damaged");
  file.write(path);
  const std::string error = error_of([&] { use(path); });
  EXPECT_TRUE(error.starts_with(path + ": ")) << what << ": " << error;
}

// Each value of a part of the file missing and wrong in turn.
void expect_each_refused(const std::string& model, const std::string& part, const TempFolder& folder,
                         const std::function<void(const std::string&)>& use) {
  EditedFile file(model);
  const json right = file.parts.at(part);
  for_places(right, Pointer(), [&](const Pointer& place) {
    const json& value = right.at(place);
    const bool in_list = right.at(place.parent_pointer()).is_array();
    // What an older file lacks is as it is by default.
    const bool option = place.parent_pointer().to_string() == "/options";
    const bool since = place.back() == "lowercase" || place.back() == "output_bound" || place.back() == "temperature" ||
                       place.back() == "tags_scheme";
    if (!in_list && !option && !since) {
      file.parts[part] = without(right, place);
      expect_refused(file, folder, "without " + place.to_string(), use);
    }
    std::vector<json> wrong = never(value);
    if (place.back() == "class_weights") std::erase(wrong, json::array());  // all are 1
    if (value.is_number() && !in_list && !kOnlyForMaking.contains(place.back())) {
      wrong.insert(wrong.end(), {-1e300, 1e300, std::numeric_limits<std::uint64_t>::max()});
    }
    for (const json& bad : wrong) {
      file.parts[part] = with(right, place, bad);
      expect_refused(file, folder, place.to_string() + " = " + bad.dump(), use);
    }
    // What may be right, or not: nothing breaks.
    for (const json& other : std::vector<json>{0, 1, 2, 1000, 4294967295U, "", "x", "<s>", "\t\n"}) {
      if (other.is_string() != value.is_string()) continue;
      file.parts[part] = with(right, place, other);
      file.write(folder.file("other"));
      error_of([&] { use(folder.file("other")); });
    }
  });
}

class DamagedModel : public testing::TestWithParam<SavedTask> {
 protected:
  void SetUp() override {
    save_task(folder, GetParam());
    model = folder.file(GetParam().name);
  }
  void use(const std::string& path) const { use_task(path, model + ".data"); }

  TempFolder folder;
  std::string model;
};

TEST_P(DamagedModel, IsRefusedWhateverItSays) {
  ASSERT_EQ(error_of([&] { use(model); }), "");
  expect_each_refused(model, "model", folder, [this](const std::string& path) { use(path); });
}

TEST_P(DamagedModel, IsRefusedWithNumbersThatAreNone) {
  EditedFile file(model);
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
      float& last = file.floats(i).back();
      const float right = std::exchange(last, bad);
      file.write(folder.file("damaged"));
      const std::string error = error_of([&] { use(folder.file("damaged")); });
      EXPECT_TRUE(error.starts_with(folder.file("damaged") + ": tensor \"" + file.tensors[i].name + "\": ")) << error;
      last = right;
    }
  }
}

TEST_P(DamagedModel, WithAnOriginOfAnotherKindIsRefused) {
  EditedFile file(model);
  for (const json& bad : std::vector<json>{nullptr, 1, "x", json::array()}) {
    file.parts["provenance"] = bad;
    expect_refused(file, folder, "provenance = " + bad.dump(), [this](const std::string& path) { use(path); });
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, DamagedModel, testing::ValuesIn(saved_tasks()),
                         [](const auto& test) { return test.param.name; });

// Lists in lists, so many that whoever follows them by calling itself runs out of stack.
TEST(DamagedModelFile, WithoutEndIsRefused) {
  const TempFolder folder;
  save_task(folder, saved_tasks().front());
  const SafetensorsFile file(folder.file("words"));
  for (const char* part : {"recur", "model", "provenance"}) {
    auto texts = file.metadata();
    texts[part] = "{\"a\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
    write_safetensors(folder.file("deep"), texts, file.tensors());
    const std::string error = error_of([&] { Model::load(folder.file("deep")); });
    EXPECT_TRUE(error.starts_with(folder.file("deep") + ": not a valid model file: its '" + part + "'")) << error;
  }
}

// A vocabulary of another kind would be read and written past its end.
TEST(DamagedModelFile, WithTheVocabularyOfAnotherTaskIsRefused) {
  const TempFolder folder;
  for (const SavedTask& task : saved_tasks()) save_task(folder, task);
  const json plain = {{"kind", "char"}, {"specials", false}, {"tokens", {"x", "y", "z", "a", "b"}}};
  const json words = {{"kind", "word"}, {"specials", false}, {"tokens", {"<eos>", "x", "y", "z", "a"}}};
  const json bytes = {{"kind", "byte"}, {"specials", false}, {"tokens", {1, 2, 3, 4, 5}}};
  const std::vector<std::pair<std::string, std::string>> places = {
      {"tags", "words"}, {"tags", "letters"}, {"pairs", "source"}, {"pairs", "target"}, {"conditioned", "text"}};
  for (const auto& [name, place] : places) {
    for (const json& vocabulary : {plain, words, bytes}) {
      EditedFile file(folder.file(name));
      file.parts["model"][place] = vocabulary;
      file.write(folder.file("other"));
      const std::string error = error_of([&] { Model::load(folder.file("other")); });
      EXPECT_TRUE(error.starts_with(folder.file("other") + ": not a valid model file: its ")) << place << ": " << error;
    }
  }
}

// SentencePiece's own model, a byte or a bit of it changed: it is refused or works, and never leads anywhere else.
TEST(DamagedModelFile, SubwordsAreCheckedBeforeTheyAreUsed) {
  const TempFolder folder;
  save_task(folder, saved_tasks()[1]);
  const std::string data = folder.file("subwords.data");
  EditedFile file(folder.file("subwords"));
  json& text = file.parts["model"]["text"]["model"];
  const std::string right = from_base64(text.get<std::string>());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    std::string wrong = right;
    wrong[i] = static_cast<char>(wrong[i] ^ (1 << i % 8));
    text = to_base64(wrong);
    file.write(folder.file("damaged"));
    refused += error_of([&] { use_task(folder.file("damaged"), data); }).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, right.size() / 4);
  // A table of characters, which SentencePiece follows wherever it leads: normalizer_spec.precompiled_charsmap.
  const std::string table = "\x12\x08\x04\x00\x00\x00\xff\xff\xff\xff";
  text = to_base64(right + std::string("\x1a") + static_cast<char>(table.size()) + table);
  file.write(folder.file("damaged"));
  EXPECT_NE(error_of([&] { Model::load(folder.file("damaged")); }).find("as recur learns it"), std::string::npos);
}

TEST(DamagedLanguageModel, IsRefusedWhateverItSays) {
  const TempFolder folder;
  const auto network = test_network({{.cell = "qrnn", .layers = 2, .hidden = 3, .dropout = 0.1F}, 2}, 6);
  save_model(folder.file("m"), head_of(*network), network->parameters(), "{}");
  folder.write("text", "w1 w2 w3\nw4 w5 w1\n");
  const auto use = [&](const std::string& path) {
    const Model model = Model::load(path);
    model.describe();
    model.evaluate(folder.file("text"));
    model.generate(generation("", 5));
  };
  ASSERT_EQ(error_of([&] { use(folder.file("m")); }), "");
  expect_each_refused(folder.file("m"), "model", folder, use);
}

}  // namespace
}  // namespace recur::damaged_model_test
