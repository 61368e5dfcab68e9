#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "data/safetensors.h"
#include "data/safetensors_sample.h"
#include "recur/types/error.h"

namespace recur::safetensors_bad_file_test {
namespace {

// What SafetensorsFile has against these bytes; "" where it takes them. They are copied, so that a sanitizer sees
// every step past the end.
std::string refusal_of(const std::string& content) {
  const std::vector<char> bytes(content.begin(), content.end());
  try {
    const SafetensorsFile file(std::as_bytes(std::span(bytes)), "x.model");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

void expect_refused(const std::string& content, const std::string& why) {
  const std::string message = refusal_of(content);
  EXPECT_TRUE(message.starts_with("x.model: not a valid model file: ")) << message;
  EXPECT_NE(message.find(why), std::string::npos) << message << "\ndoes not say\n" << why;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  EXPECT_LT(message.size(), 300U) << message;
}

// Eight bytes of values under a header whose one tensor has these fields.
void expect_tensor_refused(const std::string& fields, const std::string& why) {
  expect_refused(safetensors_bytes("{\"w\":{" + fields + "}}", std::string(8, 'v')), "tensor 'w': " + why);
}

TEST(SafetensorsBadFile, TheSmallestFilesAreNotBad) {
  EXPECT_EQ(refusal_of(safetensors_bytes("{}")), "");
  EXPECT_EQ(refusal_of(safetensors_bytes(R"({"__metadata__":{}})")), "");
  EXPECT_EQ(
      refusal_of(safetensors_bytes(R"({"w":{"data_offsets":[0,0],"shape":[0,9223372036854775807],"dtype":"U8"}})")),
      "");
}

TEST(SafetensorsBadFile, AFileCutAnywhereIsRefused) {
  const std::string whole = SampleModel().bytes();
  const TempFolder folder;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_refused(whole.substr(0, size), "copy it again");
    const std::string path = folder.write("cut", whole.substr(0, size));
    EXPECT_THROW(SafetensorsFile{path}, Error) << size;
  }
  expect_refused(whole + "!", "the last 1 bytes belong to no tensor");
}

TEST(SafetensorsBadFile, NoDamagedBitEscapes) {
  const std::string whole = SampleModel().bytes();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const std::vector<char> bytes(damaged.begin(), damaged.end());
    try {
      const SafetensorsFile file(std::as_bytes(std::span(bytes)), "x.model");
      for (const TensorView& tensor : file.tensors()) {
        EXPECT_EQ(std::vector(tensor.bytes.begin(), tensor.bytes.end()).size(), tensor.bytes.size());
      }
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("x.model: not a valid model file: ")) << error.what();
    }
  }
}

TEST(SafetensorsBadFile, RefusesAWrongLengthOfTheHeader) {
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{100'000'001}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    std::string bytes = safetensors_bytes("{}");
    std::memcpy(bytes.data(), &length, sizeof length);
    expect_refused(bytes, "a header of " + std::to_string(length) + " bytes, expected 1 to 100000000");
  }
}

TEST(SafetensorsBadFile, RefusesAHeaderThatIsNoJsonObject) {
  for (const std::string header : {"[]", "7", " {}", "\xef\xbb\xbf{}", "text", "\n"}) {
    expect_refused(safetensors_bytes(header), "the header is not a JSON object");
  }
  expect_refused(safetensors_bytes(std::string("{}\0", 3)), "the header is not a JSON object");
  for (const std::string header :
       {"{", "{]", "{}{}", "{} x", "{,}", "{\"\xff\":1}", "{\"w\":1e999}", "{\"\\ud800\":{}}"}) {
    expect_refused(safetensors_bytes(header), "the header is not JSON in UTF-8 at its byte ");
  }
}

TEST(SafetensorsBadFile, RefusesDeepNestingAtOnce) {
  const std::size_t depth = 1'000'000;
  const std::string open(depth, '['), close(depth, ']');
  expect_refused(safetensors_bytes("{\"w\":" + open + close + "}"), "tensor 'w': must be an object");
  expect_refused(safetensors_bytes("{\"w\":{\"shape\":" + open + close + "}}"), "tensor 'w': shape must be a list of");
  std::string objects;
  for (std::size_t level = 0; level < depth; ++level) objects += "{\"shape\":";
  expect_refused(safetensors_bytes(objects), "tensor 'shape': shape must be a list of");
}

TEST(SafetensorsBadFile, RefusesWrongMetadata) {
  expect_refused(safetensors_bytes(R"({"__metadata__":7})"), "__metadata__ must be an object, found 7");
  expect_refused(safetensors_bytes(R"({"__metadata__":{"a":"b","c":1}})"), "__metadata__: 'c' must be a text, found 1");
  expect_refused(safetensors_bytes(R"({"__metadata__":{"a":{}}})"),
                 "__metadata__: 'a' must be a text, found an object");
  expect_refused(safetensors_bytes(R"({"__metadata__":{"a":"b","a":"b"}})"), "__metadata__: 'a' stands there twice");
  expect_refused(safetensors_bytes(R"({"__metadata__":{},"__metadata__":{}})"), "__metadata__ stands there twice");
}

TEST(SafetensorsBadFile, RefusesEachFieldThatIsWrong) {
  expect_refused(safetensors_bytes(R"({"w":null})"),
                 "tensor 'w': must be an object of dtype, shape and data_offsets, found null");
  expect_tensor_refused(R"("shape":[2],"data_offsets":[0,8])", "dtype is missing");
  expect_tensor_refused(R"("dtype":"F32","data_offsets":[0,8])", "shape is missing");
  expect_tensor_refused(R"("dtype":"F32","shape":[2])", "data_offsets is missing");
  expect_tensor_refused(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1)", "unknown field 'x'");
  expect_tensor_refused(R"("dtype":"F32","dtype":"F32")", "dtype stands there twice");
  for (const std::string dtype : {R"("F16")", R"("f32")", R"("")", "7", "[]", "{}", "null"}) {
    expect_tensor_refused(R"("shape":[2],"data_offsets":[0,8],"dtype":)" + dtype, "dtype must be F32, I64, U64 or U8");
  }
  for (const std::string shape : {"2", R"("2")", "{}", "[-2]", "[-0]", "[2.0]", "[2e0]", R"(["2"])", "[[2]]", "[true]",
                                  "[null]", "[{}]", "[9223372036854775808]", "[18446744073709551616]"}) {
    expect_tensor_refused(R"("dtype":"F32","data_offsets":[0,8],"shape":)" + shape, "shape must be a list of whole");
  }
  for (const std::string offsets :
       {"8", "{}", "[]", "[0]", "[0,8,8]", "[0,[8]]", "[-1,7]", "[0.0,8]", R"([0,"8"])", "[0,18446744073709551616]"}) {
    expect_tensor_refused(R"("dtype":"F32","shape":[2],"data_offsets":)" + offsets, "data_offsets must be two whole");
  }
  expect_tensor_refused(R"("dtype":"F32","shape":[2],"data_offsets":[0,8,9,10])",
                        "data_offsets must be two whole numbers from 0 "
                        "to 2^64 - 1, found 9");
}

TEST(SafetensorsBadFile, RefusesShapesAndOffsetsThatDoNotFit) {
  const auto with = [](const std::string& shape, const std::string& offsets) {
    return R"("dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets;
  };
  for (const std::string shape : {"[9223372036854775807]", "[4294967296,4294967296]", "[2305843009213693952,8]",
                                  "[4294967296,4294967296,0]", "[0,4294967296,4294967296]"}) {
    expect_tensor_refused(with(shape, "[0,0]"), "F32 [");
  }
  expect_tensor_refused(with("[1]", "[0,8]"), "F32 [1] takes 4 bytes, data_offsets give 8");
  expect_tensor_refused(with("[]", "[0,8]"), "F32 [] takes 4 bytes, data_offsets give 8");
  expect_tensor_refused(with("[0]", "[0,8]"), "F32 [0] takes 0 bytes, data_offsets give 8");
  expect_tensor_refused(with("[2]", "[8,0]"), "data_offsets [8, 0] run backwards");
  expect_tensor_refused(with("[2]", "[1,9]"), "its values end at byte 9 of 8; the file is cut short: copy it again");
  for (const std::string offsets : {"[9223372036854775800,9223372036854775808]", "[0,18446744073709551615]",
                                    "[18446744073709551608,18446744073709551615]"}) {
    expect_tensor_refused(with("[2]", offsets), "its values end at byte ");
  }
  expect_tensor_refused(with("[1,1,1,1,1,1,1,1,1]", "[0,8]"), "F32 [1, 1, 1, 1, 1, 1, 1, 1, ...] takes 4 bytes");
}

TEST(SafetensorsBadFile, RefusesTensorsThatDoNotFillTheFile) {
  const auto two = [](const std::string& a, const std::string& a_size, const std::string& b,
                      const std::string& b_size) {
    return safetensors_bytes(R"({"a":{"dtype":"U8","shape":[)" + a_size + R"(],"data_offsets":)" + a +
                                 R"(},"b":{"dtype":"U8","shape":[)" + b_size + R"(],"data_offsets":)" + b + "}}",
                             std::string(8, 'v'));
  };
  EXPECT_EQ(refusal_of(two("[5,8]", "3", "[0,5]", "5")), "");
  EXPECT_EQ(refusal_of(two("[0,8]", "8", "[8,8]", "0")), "");
  EXPECT_EQ(refusal_of(two("[0,8]", "8", "[0,0]", "0")), "");
  expect_refused(two("[0,5]", "5", "[4,8]", "4"), "tensor 'b': its first 1 bytes are also another tensor's");
  expect_refused(two("[0,8]", "8", "[0,8]", "8"), "tensor 'b': its first 8 bytes are also another tensor's");
  expect_refused(two("[0,8]", "8", "[3,3]", "0"), "tensor 'b': its first 5 bytes are also another tensor's");
  expect_refused(two("[0,3]", "3", "[5,8]", "3"), "tensor 'b': the 2 bytes before its values belong to no tensor");
  expect_refused(two("[5,8]", "3", "[1,5]", "4"), "tensor 'b': the 1 bytes before its values belong to no tensor");
  expect_refused(two("[0,3]", "3", "[3,6]", "3"), "the last 2 bytes belong to no tensor");
  expect_refused(safetensors_bytes(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                   R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                                   "vv"),
                 "tensor 'a': stands there twice");
}

TEST(SafetensorsBadFile, AHostileNameStaysOneShortLine) {
  expect_refused(safetensors_bytes(R"({"\n\u0000\u001b[2J\u007f\u009b)" + std::string(1000, 'x') + R"(":7})"),
                 "tensor '\\n\\u0000\\u001b[2J\\u007f\\u009bxxx");
  expect_refused(safetensors_bytes(R"({"w":{")" + std::string(59, 'x') + "я" + std::string(1000, 'x') + R"(":7}})"),
                 "xxx...'");
  expect_refused(safetensors_bytes(R"({"w":{"dtype":")" + std::string(1000, 'x') + R"("}})"), "xxx...'");
}

}  // namespace
}  // namespace recur::safetensors_bad_file_test
