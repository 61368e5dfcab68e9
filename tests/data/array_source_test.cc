// Arrays of NumPy and of IDX files: every type and shape, archives, labels of another file.
#include <gtest/gtest.h>

#include <cmath>

#include "array_bytes.h"
#include "source_case.h"
#include "support/error_of.h"
#include "support/paths.h"

namespace recur::array_source_test {
namespace {

const SourceCase kNpy = SourceCase{{{"sequence", CellKind::numbers}}}.named("d.npy");
const SourceCase kNpz = SourceCase{kSequences}.named("d.npz");

std::string letters(const std::u32string& text, std::size_t size, bool big_endian = false) {
  std::vector<std::uint32_t> codes(text.begin(), text.end());
  codes.resize(size);
  return element_bytes(codes, big_endian);
}

TEST(NpySource, HasEveryTypeOfNumberInBothByteOrders) {
  for (const bool big : {false, true}) {
    const std::string order = big ? ">" : "<";
    const auto records = [&]<class T>(const std::string& type, const std::vector<T>& numbers) {
      return kNpy.records(npy(order + type, "(1, 2)", element_bytes(numbers, big)));
    };
    EXPECT_EQ(records("f4", std::vector<float>{-0.5F, 3}), "(-0.5; 3)\n");
    EXPECT_EQ(records("f8", std::vector<double>{-0.1, 3e38}), "(-0.1; 3e+38)\n");
    EXPECT_EQ(records("i1", std::vector<std::int8_t>{-128, 127}), "(-128; 127)\n");
    EXPECT_EQ(records("i2", std::vector<std::int16_t>{-300, 7}), "(-300; 7)\n");
    EXPECT_EQ(records("i4", std::vector<std::int32_t>{-70'000, 7}), "(-70000; 7)\n");
    EXPECT_EQ(records("i8", std::vector<std::int64_t>{-5'000'000'000, 7}), "(-5000000000; 7)\n");
    EXPECT_EQ(records("u1", std::vector<std::uint8_t>{255, 7}), "(255; 7)\n");
    EXPECT_EQ(records("u2", std::vector<std::uint16_t>{65'535, 7}), "(65535; 7)\n");
    EXPECT_EQ(records("u4", std::vector<std::uint32_t>{4'000'000'000, 7}), "(4000000000; 7)\n");
    EXPECT_EQ(records("u8", std::vector<std::uint64_t>{5'000'000'000, 7}), "(5000000000; 7)\n");
  }
  EXPECT_EQ(kNpy.records(npy("|b1", "(1, 3)", std::string("\0\1\2", 3))), "(0; 1; 1)\n");
  EXPECT_EQ(kNpy.records(npy("|u1", "(1, 1)", "\x05")), "(5)\n");
}

TEST(NpySource, HasTheFirstAxisAsItsRecords) {
  const std::string bytes("\1\2\3\4\5\6\7\x08\x09\x0A\x0B\x0C", 12);
  EXPECT_EQ(kNpy.records(npy("|u1", "(2, 3, 2)", bytes)), "(1 2; 3 4; 5 6)\n(7 8; 9 10; 11 12)\n");
  EXPECT_EQ(kNpy.records(npy("|u1", "(3, 4)", bytes)), "(1; 2; 3; 4)\n(5; 6; 7; 8)\n(9; 10; 11; 12)\n");
  EXPECT_EQ(kNpy.records(npy("|u1", "(2,)", bytes.substr(0, 2))), "(1)\n(2)\n");
  EXPECT_EQ(kNpy.records(npy("|u1", "(0, 4)", "")), "");
  for (const int version : {2, 3}) EXPECT_EQ(kNpy.records(npy("|u1", "(1, 1)", "\x05", version)), "(5)\n");
  EXPECT_EQ(kNpy.records(npy_with("{\"shape\":(1,),\"fortran_order\":True,\"descr\":\"|u1\"}", "\x05")), "(5)\n");
}

TEST(NpySource, HasRecordsLargerThanItsBuffers) {
  std::vector<float> numbers(300'000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const TempFolder folder;
  const std::vector<FieldRequest> field = {{"sequence", CellKind::numbers}};
  for (const bool compressed : {false, true}) {
    const std::string array = npy("<f4", "(3, 1000, 100)", element_bytes(numbers));
    const InputFile file(folder.write("d", npz({{"sequence", array}}, compressed)));
    const auto source = open_source(file, {}, field, {});
    double next = 0;
    while (source->next()) {
      const auto& cell = std::get<Numbers>((*source)[0]);
      EXPECT_EQ(cell.width, 100U);
      ASSERT_EQ(cell.values.size(), 100'000U);
      for (const double value : cell.values) ASSERT_EQ(value, next++);
    }
    EXPECT_EQ(next, 300'000);
  }
}

TEST(NpySource, HasLabelsInAnotherFileOfItsFolder) {
  const TempFolder folder;
  const std::string data = folder.write("d.npy", npy("|u1", "(2, 1)", "\1\2"));
  const auto labelled = [&](const std::string& labels) {
    folder.write("labels", labels);
    return SourceCase{kSequences}.with_columns("label=labels").records_of_file(data);
  };
  EXPECT_EQ(labelled(npy("<i8", "(2,)", element_bytes(std::vector<std::int64_t>{-3, 9'007'199'254'740'993}))),
            "-3|(1)\n9007199254740993|(2)\n");
  EXPECT_EQ(labelled(npy("|b1", "(2, 1)", std::string("\0\1", 2))), "false|(1)\ntrue|(2)\n");
  EXPECT_EQ(labelled(npy("<f8", "(2,)", element_bytes(std::vector<double>{0.5, 3}))), "0.5|(1)\n3|(2)\n");
  EXPECT_EQ(labelled(npy("<U2", "(2,)", letters(U"é😀", 2) + letters(U"b", 2))), "é😀|(1)\nb|(2)\n");
  EXPECT_EQ(labelled(npy(">U2", "(2,)", letters(U"é😀", 2, true) + letters(U"b", 2, true))), "é😀|(1)\nb|(2)\n");
  EXPECT_EQ(labelled(idx(8, {2}, "\3\4")), "3|(1)\n4|(2)\n");
  EXPECT_EQ(error_of([&] {
              labelled(npy("<f8", "(2,)", element_bytes(std::vector<double>{3, std::nan("")})));
            }),
            data + ": record 2: expected a label, got nan");
  EXPECT_EQ(SourceCase{kSequences}.unanswered().records_of_file(data), "-|(1)\n-|(2)\n");
  EXPECT_EQ(SourceCase{kSequences}.unanswered().with_columns("label=none").records_of_file(data), "-|(1)\n-|(2)\n");
  EXPECT_EQ(error_of([&] { SourceCase{kSequences}.with_columns("label=none").records_of_file(data); }),
            folder.file("none") + ": cannot open: No such file or directory");
}

TEST(NpySource, MayHoldTexts) {
  const SourceCase text{{{"text", CellKind::text}}}, words{{{"words", CellKind::words}}};
  const std::string bytes = npy("<U3", "(2,)", letters(U"a b", 3) + letters(U"", 3));
  EXPECT_EQ(text.records(bytes), "a b\n\n");
  EXPECT_EQ(words.records(bytes), "[a b]\n[]\n");
}

TEST(IdxSource, HasImagesAsSequencesOfRows) {
  const TempFolder folder;
  const std::string images = folder.write("train-images-idx3-ubyte", idx(8, {2, 2, 2}, "\1\2\3\4\5\6\7\xFF"));
  folder.write("train-labels-idx1-ubyte", idx(8, {2}, "\7\2"));
  EXPECT_EQ(SourceCase{kSequences}.with_columns("label=train-labels-idx1-ubyte").records_of_file(images),
            "7|(1 2; 3 4)\n2|(5 6; 7 255)\n");
  EXPECT_EQ(kNpy.named("a.idx").records(idx(0x0B, {1, 2}, element_bytes(std::vector<std::int16_t>{-300, 7}, true))),
            "(-300; 7)\n");
  EXPECT_EQ(kNpy.named("a.idx").records(idx(0x0E, {1, 2}, element_bytes(std::vector<double>{-0.5, 7}, true))),
            "(-0.5; 7)\n");
}

TEST(NpzSource, HasAnArrayAField) {
  const std::string x = npy("<f4", "(2, 2)", element_bytes(std::vector<float>{1, 2, 3, 4}));
  const std::string y = npy("<i4", "(2,)", element_bytes(std::vector<std::int32_t>{5, 6}));
  for (const bool compressed : {false, true}) {
    EXPECT_EQ(kNpz.records(npz({{"sequence", x}, {"label", y}}, compressed)), "5|(1; 2)\n6|(3; 4)\n");
    EXPECT_EQ(kNpz.with_columns("sequence=x_train,label=y_train").records(npz({{"y_train", y}, {"x_train", x}})),
              "5|(1; 2)\n6|(3; 4)\n");
    EXPECT_EQ(kNpz.unanswered().records(npz({{"sequence", x}}, compressed)), "-|(1; 2)\n-|(3; 4)\n");
  }
  EXPECT_EQ(kNpz.named("data").records(npz({{"sequence", x}, {"label", y}})), "5|(1; 2)\n6|(3; 4)\n");
}

TEST(NpzSource, MayHaveLengths) {
  const std::vector<float> padded = {1, 2, 3, 4, std::nanf(""), 0, 5, 6, 7, 8, 9, 10};
  const std::string x = npy("<f4", "(2, 3, 2)", element_bytes(padded));
  const auto records = [&](std::int64_t first) {
    const std::string lengths = npy("<i8", "(2,)", element_bytes(std::vector<std::int64_t>{first, 3}));
    SourceCase c = kNpy.named("d.npz");
    const std::string problem = c.problem(npz({{"sequence", x}, {"lengths", lengths}}));
    return problem.empty() ? c.records(npz({{"sequence", x}, {"lengths", lengths}})) : problem;
  };
  EXPECT_EQ(records(2), "(1 2; 3 4)\n(5 6; 7 8; 9 10)\n");
  EXPECT_EQ(records(3), "d.npz: record 1: expected a number in \"sequence\", got nan in step 3, column 1");
  for (const int wrong : {0, -1, 4}) {
    EXPECT_EQ(records(wrong), fmt::format("d.npz: record 1: expected a length from 1 to 3, got {}", wrong));
  }
}

TEST(NpzSource, HasLengthsOfWhatFollowsTheSteps) {
  FieldRequest value{"value", CellKind::numbers, true};
  value.vectors = value.one_step = true;
  const SourceCase c =
      SourceCase{{{"sequence", CellKind::numbers}, value, {"tags", CellKind::words, true}}}.named("d.npz");
  const std::string x = npy("|u1", "(2, 3)", "\1\2\3\4\5\6"), lengths = npy("|u1", "(2,)", "\2\3");
  const std::string tags = npy("|u1", "(2, 3)", std::string("\0\1\1\1\0\1", 6));
  const auto records = [&](const std::string& value_array, const std::string& tags_array) {
    return c.records(npz({{"sequence", x}, {"lengths", lengths}, {"value", value_array}, {"tags", tags_array}}));
  };
  const std::string one = npy("|u1", "(2,)", "\7\7"), row = npy("|u1", "(2, 1)", "\7\7"),
                    step = npy("|u1", "(2, 1, 1)", "\7\7");
  const std::string wanted = records(one, tags);
  EXPECT_EQ(wanted, "(1; 2)|(7)|[0 1]\n(4; 5; 6)|(7)|[1 0 1]\n");
  EXPECT_EQ(records(row, tags), wanted);
  EXPECT_EQ(records(step, tags), wanted);
  EXPECT_EQ(records(npy("|u1", "(2, 2)", "\7\7\7\7"), tags), "(1; 2)|(7 7)|[0 1]\n(4; 5; 6)|(7 7)|[1 0 1]\n");
  EXPECT_EQ(records(one, npy("<U5", "(2,)", letters(U"0 1", 5) + letters(U"1 0 1", 5))), wanted);
}

// Of which zlib has read all before it has given all.
TEST(NpzSource, ReadsWhatIsPackedTight) {
  const std::string zeros(300'000, '\0');
  const std::string bytes = npz({{"sequence", npy("|u1", "(300000,)", zeros)}}, true);
  ASSERT_LT(bytes.size(), 2'000U);
  EXPECT_EQ(kNpy.named("d.npz").records(bytes).size(), 4 * zeros.size());
}

// What NumPy itself has written: numpy.savez and numpy.savez_compressed of the same arrays.
TEST(NpzSource, ReadsFilesOfNumpy) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    EXPECT_EQ(SourceCase{kSequences}.records_of_file(source_folder() + "/tests/data/arrays/" + name),
              "up|(0 0.25; 0.5 0.75)\ndöwn|(1.5 1.75)\n")
        << name;
  }
}

}  // namespace
}  // namespace recur::array_source_test
