// A gigabyte without a line end, as a file with a hole: it is read in pieces, never as a whole.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/temp_folder.h"
#include "data/corpus.h"
#include "recur/types/error.h"

namespace recur::large_file_test {
namespace {

constexpr std::uint64_t kSize = std::uint64_t{1} << 30;

long peak_kilobytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(LargeFile, ALineOfAGigabyteIsReadInPieces) {
  const TempFolder folder;
  folder.write("line", "a");
  ASSERT_EQ(::truncate(folder.file("line").c_str(), kSize), 0);
  const auto file = std::make_shared<const InputFile>(folder.file("line"));
  const long before = peak_kilobytes();
  EXPECT_THROW(Tokenizer::build(*file, TokenizerKind::word), Error);  // one word
  const Tokenizer bytes = Tokenizer::build(*file, TokenizerKind::byte);
  const Corpus corpus(file, bytes);
  EXPECT_EQ(corpus.size(), kSize);
  std::vector<int> last(3);
  EXPECT_EQ(corpus.reader(kSize - 2).next(last), 2U);
  EXPECT_LT(peak_kilobytes() - before, 100'000);
}

}  // namespace
}  // namespace recur::large_file_test
