// Arrays and archives that are wrong, cut short or made to harm: each is one line that says what was expected.
#include <gtest/gtest.h>

#include "array_bytes.h"
#include "source_case.h"

namespace recur::array_damage_source_test {
namespace {

const SourceCase kNpy = SourceCase{{{"sequence", CellKind::numbers}}}.named("d.npy");
const SourceCase kNpz = SourceCase{kSequences}.named("d.npz");

std::string good_npz(bool compressed = false) {
  return npz({{"sequence", npy("<f4", "(2, 2)", element_bytes(std::vector<float>{1, 2, 3, 4}))},
              {"label", npy("|u1", "(2,)", "\1\2")}},
             compressed);
}

// With the bytes at a place of the directory's entry `entry` replaced.
std::string with_entry(std::string bytes, std::size_t place, const std::string& changed) {
  return bytes.replace(bytes.find("PK\x01\x02") + place, changed.size(), changed);
}
std::string with_end(std::string bytes, std::size_t place, const std::string& changed) {
  return bytes.replace(bytes.rfind("PK\x05\x06") + place, changed.size(), changed);
}

TEST(ArrayDamage, OfNumbersNamesTheElement) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(kNpy.problem(npy("<f4", "(2, 1, 2)", element_bytes(std::vector<float>{1, 2, 3, infinity}))),
            "d.npy: record 2: expected a number in \"sequence\", got inf in step 1, column 2");
  EXPECT_EQ(kNpy.problem(npy("<f8", "(1, 2)", element_bytes(std::vector<double>{1, 1e39}))),
            "d.npy: record 1: expected a number in \"sequence\", got 1e+39 in step 2, column 1");
}

TEST(ArrayDamage, OfTypesAndShapesIsNamed) {
  const std::string type =
      "d.npy: expected an array of numbers, booleans or texts (float32, int64, bool, <U9 ..), got \"{}\"; save it with "
      "astype(..)";
  for (const char* wrong : {"|O", "|S3", "<f2", "<c8", "<i3", "<i16", "=f4", "|f4", "<U0", "<U99999999", "<", "", "<b2",
                            "<f-4", "<i01", "<U18446744073709551615"}) {
    EXPECT_EQ(kNpy.problem(npy(wrong, "(1, 1)", "\1")), fmt::format(fmt::runtime(type), wrong)) << wrong;
  }
  EXPECT_EQ(kNpy.problem(npy_with("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }\n", "1234")),
            "d.npy: an array of records of several fields; expected numbers, booleans or texts");
  EXPECT_EQ(kNpy.problem(npy_with("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 2), }\n", "12")),
            "d.npy: expected the order of C, record after record, got that of Fortran; save "
            "numpy.ascontiguousarray(..)");
  EXPECT_EQ(kNpy.problem(npy("|u1", "()", "1")),
            "d.npy: a single number; expected an array whose first axis is the record");
  EXPECT_EQ(kNpy.problem(npy("|u1", "(1, 1, 1, 2)", "12")),
            "d.npy: expected axes [records, steps, width], got 4 axes; reshape it");
  EXPECT_EQ(kNpy.problem(npy("|u1", "(3, 0)", "")), "d.npy: the sequence is empty; expected at least one step");
  EXPECT_EQ(kNpy.problem(npy("<U1", "(1,)", "abcd")), "d.npy: expected numbers for \"sequence\", got texts");
}

TEST(ArrayDamage, OfHeadersIsNamed) {
  const std::string good = npy("|u1", "(2, 2)", "1234");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(kNpy.problem(good.substr(0, size)).starts_with("d.npy: ")) << size;
  }
  EXPECT_EQ(kNpy.problem(good.substr(0, 20)), "d.npy: expected a header, got the end of the file");
  EXPECT_EQ(kNpy.problem(good + "5"),
            "d.npy: its header says 4 bytes of elements, but it has 5 bytes; expected a file that is whole");
  EXPECT_EQ(
      kNpy.problem(npy("<f8", "(4294967296, 4294967296)", "")),
      "d.npy: its header says more than 2^64 bytes of elements, but it has 0 bytes; expected a file that is whole");
  EXPECT_EQ(kNpy.problem(npy("<f8", "(2305843009213693952,)", "12345678")).substr(0, 36),
            "d.npy: its header says more than 2^6");
  EXPECT_EQ(kNpy.problem(npy("|u1", "(1, 1)", "1", 4)), "d.npy: expected version 1, 2 or 3 of NumPy's format, got 4");
  EXPECT_EQ(kNpy.problem(std::string("\x93NUMPY\2\0\xFF\xFF\xFF\xFF", 12)),
            "d.npy: expected a header of at most 64 KiB, got 4294967295 bytes");
  EXPECT_EQ(kNpy.problem("a\tb\n"), "d.npy: expected an array of NumPy (.npy) or an IDX file, got neither");
  EXPECT_EQ(kNpy.problem("\x93NUMPX\1"), "d.npy: expected a header, got the end of the file");
  for (const char* text : {"", "{", "{}", "{'descr': '<f4'", "{'descr': '<f4', 'fortran_order': False}", "{'a': 'b'}",
                           "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "{'descr': '<f4, 'shape': (1,)}",
                           "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
                           "{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551616,)}",
                           "{'descr': '|u1', 'fortran_order': False, 'shape': (1 1)}",
                           "{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}"}) {
    EXPECT_TRUE(kNpy.problem(npy_with(text, "1")).starts_with("d.npy: expected NumPy's header {'descr': .., ")) << text;
  }
}

// A record is held in memory, and a packed file of a megabyte may be a gigabyte.
TEST(ArrayDamage, OfRecordsThatAreTooLargeIsNamed) {
  const std::string zeros(std::size_t{1} << 25, '\0');
  EXPECT_EQ(kNpy.named("d.npz").problem(npz({{"sequence", npy("|u1", "(1, 33554432)", zeros)}}, true)),
            "d.npz: sequence.npy: 33554432 elements in a record; expected at most 16777216");
}

TEST(ArrayDamage, OfIdxIsNamed) {
  const SourceCase c = kNpy.named("d.idx");
  const std::string good = idx(8, {2, 2}, "1234");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(c.problem(good.substr(0, size)).starts_with("d.idx: ")) << size;
  }
  EXPECT_EQ(c.problem(good.substr(0, 14)),
            "d.idx: its header says 4 bytes of elements, but it has 2 bytes; expected a file that is whole");
  EXPECT_EQ(c.problem(idx(0x0A, {2, 2}, "1234")),
            "d.idx: expected an array of NumPy (.npy) or an IDX file, got neither");
  EXPECT_EQ(c.problem(idx(0x0E, {4294967295, 4294967295, 4294967295}, "")).substr(0, 35),
            "d.idx: its header says more than 2^");
  EXPECT_EQ(c.problem(std::string("\0\0\x08\xFF", 4)),
            "d.idx: expected an array of NumPy (.npy) or an IDX file, got neither");
}

TEST(ArrayDamage, OfTextsIsNamed) {
  const SourceCase text = SourceCase{{{"text", CellKind::text}}}.named("d.npy");
  for (const std::uint32_t code : {0x110000U, 0xD800U, 0xFFFFFFFFU}) {
    EXPECT_EQ(text.problem(npy("<U1", "(1,)", element_bytes(std::vector<std::uint32_t>{code}))),
              "d.npy: expected texts of Unicode letters, got what is none");
  }
  EXPECT_EQ(text.problem(npy("<U2", "(1,)", element_bytes(std::vector<std::uint32_t>{0, 'a'}))),
            "d.npy: record 1: expected \"text\" to be a text, got a NUL character");
  EXPECT_EQ(text.problem(npy("<U1", "(1, 2)", "12345678")), "d.npy: expected one text a record, got 2");
  const SourceCase label = SourceCase{{{"label", CellKind::label}}}.named("d.npy");
  EXPECT_EQ(label.problem(npy("<U1", "(1,)", number_bytes('\n', 4))),
            "d.npy: record 1: expected a \"label\" of one line without tabs, got \"\\n\"");
}

TEST(ArrayDamage, OfArchivesIsNamed) {
  const std::string damaged =
      "d.npz: expected a zip archive, as NumPy's savez writes, got one that is damaged or cut short";
  const std::string good = good_npz();
  ASSERT_EQ(kNpz.problem(good), "");
  for (std::size_t size = 0; size < good.size(); size += 3) {
    EXPECT_NE(kNpz.problem(good.substr(0, size)), "") << size;
  }
  EXPECT_EQ(kNpz.problem(good.substr(0, good.size() - 1)), damaged);
  EXPECT_EQ(kNpz.problem(with_end(good, 16, number_bytes(good.size(), 4))), damaged);
  EXPECT_EQ(kNpz.problem(with_end(good, 12, number_bytes(0xFFFFFFFE, 4))), damaged);
  EXPECT_EQ(kNpz.problem(with_end(good, 10, number_bytes(3, 2))), damaged);
  EXPECT_EQ(kNpz.problem(with_entry(good, 42, number_bytes(1, 4))), damaged);
  EXPECT_EQ(kNpz.problem(with_entry(good, 20, number_bytes(0xFFFFFFFE, 4))), damaged);
  EXPECT_EQ(kNpz.problem(with_entry(good, 28, number_bytes(0xFFFF, 2))), damaged);
  EXPECT_EQ(kNpz.problem(with_end(good, 4, number_bytes(1, 2))),
            "d.npz: a zip archive over several disks; expected one file");
  EXPECT_EQ(kNpz.problem(with_end(good, 16, number_bytes(0xFFFFFFFF, 4))),
            "d.npz: a zip archive of 4 GiB or more (zip64), which is not read; save each array as .npy");
  EXPECT_EQ(kNpz.problem(with_entry(good, 24, number_bytes(0xFFFFFFFF, 4))),
            "d.npz: \"sequence.npy\" has 4 GiB or more (zip64), which is not read; save it as .npy");
  EXPECT_EQ(kNpz.problem(with_entry(good, 8, number_bytes(1, 2))),
            "d.npz: \"sequence.npy\" is encrypted; expected an array");
  EXPECT_EQ(kNpz.problem(with_entry(good, 10, number_bytes(12, 2))),
            "d.npz: \"sequence.npy\" is packed with method 12; expected none or deflate, as savez and savez_compressed "
            "write");
}

TEST(ArrayDamage, OfMembersIsNamed) {
  const std::string damaged = "d.npz: sequence.npy: damaged, or cut short; expected it whole";
  for (const bool compressed : {false, true}) {
    const std::string good = good_npz(compressed);
    EXPECT_EQ(kNpz.problem(with_entry(good, 16, number_bytes(7, 4))), damaged) << "the sum of all bytes";
    std::string wrong = good;
    wrong[good.find("PK\x03\x04", 1) - (compressed ? 6 : 1)] ^= 1;  // in the first member, at its end
    EXPECT_NE(kNpz.problem(wrong), "");
  }
  EXPECT_EQ(kNpz.problem(npz({{"sequence", npy("|u1", "(2, 1)", "12")}, {"label", npy("|u1", "(3,)", "123")}})),
            "d.npz: sequence.npy: expected 3 records, as in the other arrays, got 2");
  EXPECT_EQ(kNpz.problem(npz({{"x", npy("|u1", "(2, 1)", "12")}, {"label", npy("|u1", "(2,)", "12")}})),
            "d.npz: expected an array \"sequence\", got \"x.npy\", \"label.npy\"; say which: --columns sequence=ARRAY");
  EXPECT_EQ(kNpy.named("d.npz").problem(
                npz({{"sequence", npy("|u1", "(2, 1)", "12")}, {"lengths", npy("|u1", "(2, 2)", "1111")}})),
            "d.npz: lengths.npy: expected a whole number a record, the length of its sequence");
}

TEST(ArrayDamage, OfColumnsIsNamed) {
  const std::string one = npy("|u1", "(1, 1)", "1");
  const SourceCase c = SourceCase{kSequences}.named("d.npy");
  EXPECT_TRUE(
      c.problem(one).ends_with("d.npy: has only the sequence; name the file with the label: --columns label=FILE"));
  EXPECT_EQ(c.with_columns("sequence=x,label=y").problem(one),
            "--columns: d.npy is the array of \"sequence\", which has no names; leave sequence out");
}

}  // namespace
}  // namespace recur::array_damage_source_test
