#include "data/safetensors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "data/safetensors_sample.h"
#include "recur/types/error.h"

namespace recur::safetensors_test {
namespace {

using Shape = std::vector<std::int64_t>;
using Names = std::set<std::string>;

std::string error_of_saving(const std::string& path, std::span<const TensorView> tensors,
                            const std::map<std::string, std::string>& metadata = {}) {
  try {
    write_safetensors(path, metadata, tensors);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Safetensors, ComesBackAsItWasSaved) {
  const SampleModel sample;
  const TempFolder folder;
  write_safetensors(folder.file("model"), sample.metadata, sample.tensors);
  EXPECT_EQ(folder.list(), Names{"model"});

  SafetensorsFile opened(folder.file("model"));
  const SafetensorsFile file = std::move(opened);
  EXPECT_EQ(file.name(), folder.file("model"));
  EXPECT_EQ(file.metadata(), sample.metadata);
  std::vector<std::string> names;
  for (const TensorView& tensor : file.tensors()) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"position", "weight", "bias \"я\"\n", "none", "flags"}));
  EXPECT_TRUE(std::ranges::equal(file.floats("weight", Shape{2, 3}), sample.weight));
  EXPECT_TRUE(std::ranges::equal(file.floats("bias \"я\"\n", Shape{1}), sample.bias));
  EXPECT_TRUE(std::ranges::equal(file.values<std::uint64_t>("position", {}), sample.position));
  EXPECT_TRUE(std::ranges::equal(file.values<std::uint8_t>("flags", Shape{3}), sample.flags));
  EXPECT_TRUE(file.floats("none", Shape{0, 4}).empty());
  EXPECT_EQ(file.find("weight")->dtype, Dtype::kF32);
  EXPECT_EQ(file.find("weight")->shape, (Shape{2, 3}));
  EXPECT_EQ(file.find("weights"), nullptr);
}

TEST(Safetensors, WritesTheFormatAsOthersReadIt) {
  const SampleModel sample;
  const std::string bytes = sample.bytes();
  EXPECT_EQ(bytes, sample.bytes());

  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  EXPECT_EQ((sizeof length + length) % 64, 0U);
  const auto header = nlohmann::json::parse(bytes.substr(sizeof length, length));
  const std::string data = bytes.substr(sizeof length + length);
  EXPECT_EQ(header.at("__metadata__").get<decltype(sample.metadata)>(), sample.metadata);
  EXPECT_EQ(header.size(), sample.tensors.size() + 1);
  for (const TensorView& tensor : sample.tensors) {
    const auto& entry = header.at(tensor.name);
    EXPECT_EQ(entry.size(), 3U);
    EXPECT_EQ(entry.at("shape").get<Shape>(), tensor.shape);
    const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
    EXPECT_EQ(entry.at("data_offsets").at(1).get<std::size_t>() - begin, tensor.bytes.size());
    EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(data)).subspan(begin, tensor.bytes.size()), tensor.bytes));
  }
  EXPECT_EQ(header.at("weight").at("dtype"), "F32");
  EXPECT_EQ(header.at("position").at("dtype"), "U64");
  EXPECT_EQ(header.at("flags").at("dtype"), "U8");
}

TEST(Safetensors, ReadsValuesWhereverTheyLie) {
  const std::vector<float> values = {1.5F, -2};
  const std::string data(reinterpret_cast<const char*>(values.data()), 8);
  for (std::size_t padding = 0; padding < 8; ++padding) {
    const std::string bytes = safetensors_bytes(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                                R"("w":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})" +
                                                    std::string(padding, ' '),
                                                "b" + data);
    const SafetensorsFile file(std::as_bytes(std::span(bytes)), "x.model");
    EXPECT_TRUE(std::ranges::equal(file.floats("w", Shape{2}), values)) << padding;
    EXPECT_EQ(file.values<std::uint8_t>("b", Shape{1})[0], 'b');
  }
}

TEST(Safetensors, AskingForAnotherTensorNamesBoth) {
  const std::string bytes = SampleModel().bytes();
  const SafetensorsFile file(std::as_bytes(std::span(bytes)), "x.model");
  const auto message_of = [](auto&& ask) -> std::string {
    try {
      ask();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string then = "; give a file of the same kind of model";
  EXPECT_EQ(message_of([&] {
              file.floats("weight", Shape{3, 2});
            }),
            "x.model: tensor 'weight': expected F32 [3, 2], found F32 [2, 3]" + then);
  EXPECT_EQ(message_of([&] { file.floats("position", {}); }),
            "x.model: tensor 'position': expected F32 [], found U64 []" + then);
  EXPECT_EQ(message_of([&] { file.floats("weights", Shape{2}); }),
            "x.model: tensor 'weights': expected F32 [2], found none" + then);
}

TEST(Safetensors, WhatCannotBeReadBackIsNotSaved) {
  const SampleModel sample;
  const TempFolder folder;
  const std::string path = folder.write("model", "old");
  const auto one = [&](const std::string& name, const Shape& shape) {
    return std::vector{tensor_view<float>(name, shape, sample.bias)};
  };
  const std::string start = path + ": cannot save: ";
  EXPECT_EQ(error_of_saving(path, one("w", {2})), start + "tensor 'w': 4 bytes are not F32 [2]");
  EXPECT_EQ(error_of_saving(path, one("w", {-1, -1})), start + "tensor 'w': 4 bytes are not F32 [-1, -1]");
  EXPECT_EQ(error_of_saving(path, one("__metadata__", {1})), start + "tensor '__metadata__': the name is taken");
  EXPECT_EQ(error_of_saving(path, one("\xff", {1})), start + "the name of tensor '' is not UTF-8");
  EXPECT_EQ(error_of_saving(path, one("w", {1}), {{"text", "\xff"}}), start + "metadata 'text' is not UTF-8");
  EXPECT_EQ(error_of_saving(path, std::vector(2, sample.tensors[0])), start + "tensor 'weight': the name is taken");
  std::string large;
  large.resize(100'000'000, 'x');
  EXPECT_EQ(error_of_saving(path, {}, {{"text", large}}),
            start + "the names and metadata take 100000028 bytes, at most 100000000 fit");
  EXPECT_EQ(folder.read("model"), "old");
  EXPECT_EQ(folder.list(), Names{"model"});
}

// No file of this process may grow beyond `bytes` while this lives: what a full disk does.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(Safetensors, AFullDiskLeavesTheOldFileWhole) {
  const SampleModel sample;
  const std::size_t size = sample.bytes().size();
  const TempFolder folder;
  const std::string path = folder.write("model", "old");
  for (std::size_t room = 0; room < size; ++room) {
    const std::string message = [&] {
      const FullDisk disk(room);
      return error_of_saving(path, sample.tensors, sample.metadata);
    }();
    EXPECT_TRUE(message.starts_with(path + ": cannot write: ")) << room << message;
    EXPECT_EQ(folder.read("model"), "old");
    EXPECT_EQ(folder.list(), Names{"model"});
  }
  const FullDisk disk(size);
  EXPECT_EQ(error_of_saving(path, sample.tensors, sample.metadata), "");
  EXPECT_EQ(folder.read("model").size(), size);
}

TEST(Safetensors, SavingWhereNoFileCanBeSaysSo) {
  const TempFolder folder;
  const std::string lost = folder.file("no/such/folder/model");
  EXPECT_EQ(error_of_saving(lost, {}), lost + ": cannot create a file beside it: No such file or directory");

  const std::string path = folder.write("model", "old");
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  // Root may write everywhere.
  const bool root = ::geteuid() == 0;
  if (root && ::seteuid(65534) != 0) GTEST_SKIP() << "cannot become an ordinary user";
  const std::string message = error_of_saving(path, {});
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  EXPECT_EQ(message, path + ": cannot create a file beside it: Permission denied");
  EXPECT_EQ(folder.read("model"), "old");
  EXPECT_EQ(folder.list(), Names{"model"});
}

}  // namespace
}  // namespace recur::safetensors_test
