#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <limits>
#include <optional>

#include "base/temp_folder.h"
#include "recur/types/error.h"

namespace recur::file_test {
namespace {

using Names = std::set<std::string>;

// What InputFile::read gives, as text.
std::string read(const InputFile& file, std::uint64_t offset, std::size_t size) {
  std::string out(size, '?');
  out.resize(file.read(offset, out));
  return out;
}

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error";
  return "";
}

void expect_starts_with(const std::string& message, const std::string& start) {
  EXPECT_EQ(message.substr(0, start.size()), start);
}

TEST(InputFile, ReadsAnyPartAndStopsAtTheEnd) {
  const TempFolder folder;
  const InputFile file(folder.write("digits", "0123456789"));
  EXPECT_EQ(file.size(), 10U);
  EXPECT_EQ(file.name(), folder.file("digits"));
  EXPECT_EQ(read(file, 0, 10), "0123456789");
  EXPECT_EQ(read(file, 3, 4), "3456");
  EXPECT_EQ(read(file, 8, 4), "89");
  EXPECT_EQ(read(file, 0, 0), "");
  for (const std::uint64_t past :
       {std::uint64_t{10}, std::uint64_t{11}, std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(read(file, past, 4), "") << past;
  }
}

TEST(InputFile, EmptyFile) {
  const TempFolder folder;
  const InputFile file(folder.write("empty", ""));
  EXPECT_EQ(file.size(), 0U);
  EXPECT_EQ(read(file, 0, 4), "");
}

TEST(InputFile, ReadsStandardInputAtAnyPosition) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(::pipe(pipe_ends.data()), 0);
  ASSERT_EQ(::write(pipe_ends[1], "0123456789", 10), 10);
  ::close(pipe_ends[1]);
  const int standard_input = ::dup(STDIN_FILENO);
  ::dup2(pipe_ends[0], STDIN_FILENO);
  // The number that the next file gets.
  const int copy = pipe_ends[0];
  ::close(copy);
  const InputFile file("-");
  EXPECT_EQ(::fcntl(copy, F_GETFD), FD_CLOEXEC) << "no program that is started may inherit it";
  ::dup2(standard_input, STDIN_FILENO);
  ::close(standard_input);

  EXPECT_EQ(file.name(), "standard input");
  EXPECT_EQ(file.size(), 10U);
  EXPECT_EQ(read(file, 7, 9), "789");
  EXPECT_EQ(read(file, 0, 3), "012");
}

TEST(InputFile, HashesItsContentHoweverItIsRead) {
  const TempFolder folder;
  std::string text(200'000, 'a');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
  const std::string path = folder.write("a", text);
  const std::uint64_t hash = InputFile(path).content_hash();
  for (const std::size_t piece : {1000UL, 4096UL, 65'537UL, 300'000UL}) {
    const InputFile file(path);
    read(file, 0, 13);
    read(file, 150'000, 50'000);  // out of order
    for (std::uint64_t at = 0; at < text.size() / 2; at += piece) read(file, at, piece);
    EXPECT_EQ(file.content_hash(), hash) << piece;
    EXPECT_EQ(file.content_hash(), hash) << piece;
  }
  for (const std::size_t place : {std::size_t{0}, std::size_t{7}, std::size_t{100'003}, text.size() - 1}) {
    std::string other = text;
    other[place] = 'z';
    EXPECT_NE(InputFile(folder.write("b", other)).content_hash(), hash) << place;
    other = text;
    std::swap(other[place], other[place == 0 ? 1 : place - 1]);
    EXPECT_NE(InputFile(folder.write("b", other)).content_hash(), hash) << place;
  }
  EXPECT_NE(InputFile(folder.write("b", text + "a")).content_hash(), hash);
  EXPECT_NE(InputFile(folder.write("b", "")).content_hash(), hash);
}

TEST(InputAndMappedFile, RefuseWhatIsNoFileAndNameIt) {
  const TempFolder folder;
  const std::string missing = folder.file("missing"), pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto expect_refused = [](const std::string& path, const std::string& why) {
    expect_starts_with(message_of([&] { InputFile file(path); }), path + why);
    expect_starts_with(message_of([&] { MappedFile file(path); }), path + why);
  };
  expect_refused(missing, ": cannot open: ");
  expect_refused(folder.path(), ": not a regular file; ");
  expect_refused(pipe, ": not a regular file; ");
}

TEST(MappedFile, HoldsTheWholeFile) {
  const TempFolder folder;
  EXPECT_EQ(text_of(MappedFile(folder.write("digits", "0123456789"))), "0123456789");
  EXPECT_TRUE(MappedFile(folder.write("empty", "")).bytes().empty());
}

TEST(MappedFile, KeepsItsContentWhenTheFileIsReplaced) {
  const TempFolder folder;
  const MappedFile before(folder.write("model", "old"));
  OutputFile file(folder.file("model"));
  file.write("new, and longer");
  file.commit();
  EXPECT_EQ(text_of(before), "old");
  EXPECT_EQ(text_of(MappedFile(folder.file("model"))), "new, and longer");
}

TEST(OutputFile, CommitCreatesTheFile) {
  const TempFolder folder;
  OutputFile file(folder.file("model"));
  file.write("one, ");
  file.write("");
  file.write("two");
  EXPECT_FALSE(folder.list().contains("model"));
  file.commit();
  EXPECT_EQ(folder.read("model"), "one, two");
  EXPECT_EQ(folder.list(), Names{"model"});
}

TEST(OutputFile, ReplacesOnlyOnCommit) {
  const TempFolder folder;
  folder.write("model", "old");
  OutputFile file(folder.file("model"));
  file.write("new");
  EXPECT_EQ(folder.read("model"), "old");
  file.commit();
  EXPECT_EQ(folder.read("model"), "new");
  EXPECT_EQ(folder.list(), Names{"model"});
}

TEST(OutputFile, WithoutCommitNothingHappened) {
  const TempFolder folder;
  folder.write("model", "old");
  {
    OutputFile file(folder.file("model"));
    file.write("new");
    EXPECT_EQ(folder.list().size(), 2U);
  }
  EXPECT_EQ(folder.read("model"), "old");
  EXPECT_EQ(folder.list(), Names{"model"});
}

TEST(OutputFile, TwoWritersOfOneFileDoNotMix) {
  const TempFolder folder;
  OutputFile first(folder.file("model"));
  first.write("first");
  std::optional<OutputFile> abandoned(std::in_place, folder.file("model"));
  OutputFile second(folder.file("model"));
  second.write("2nd");
  abandoned.reset();
  first.commit();
  EXPECT_EQ(folder.read("model"), "first");
  second.commit();
  EXPECT_EQ(folder.read("model"), "2nd");
  EXPECT_EQ(folder.list(), Names{"model"});
}

// Ends a process in the middle of writing, as a power cut or `kill -9` does.
void write_and_be_killed(const std::string& path) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    OutputFile file(path);
    file.write("half of it");
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(OutputFile, RemovesWhatAKilledWriterLeft) {
  const TempFolder folder;
  folder.write("model", "old");
  OutputFile living(folder.file("model"));
  living.write("living");
  write_and_be_killed(folder.file("model"));
  write_and_be_killed(folder.file("model"));
  EXPECT_EQ(folder.list().size(), 3U) << "the file, that of the living writer, and that of the last one killed";
  OutputFile file(folder.file("model"));
  EXPECT_EQ(folder.list().size(), 3U) << "the file and those of two living writers";
  file.commit();
  living.commit();
  EXPECT_EQ(folder.read("model"), "living");
  EXPECT_EQ(folder.list(), Names{"model"});
}

TEST(OutputFile, RemovesNothingElse) {
  const TempFolder folder;
  Names others = {"model.1-2.partial.txt", "model.x-1.partial",  "model.1-x.partial", "model.12.partial",
                  "model.-1.partial",      "model.1-.partial",   "model..partial",    "model.partial",
                  "models.1-2.partial",    "model.2.1-2.partial"};
  for (const std::string& name : others) folder.write(name, "somebody's");
  std::filesystem::create_directory(folder.file("model.3-4.partial"));
  folder.write("model.5-6.partial", "abandoned");
  OutputFile(folder.file("model")).commit();
  others.merge(Names{"model", "model.3-4.partial"});
  EXPECT_EQ(folder.list(), others);
}

TEST(OutputFile, TheNewFileIsAsPrivateAsTheOldOne) {
  const TempFolder folder;
  const std::string path = folder.write("model", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  OutputFile file(path);
  file.commit();
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(OutputFile, ALinkStaysALink) {
  const TempFolder folder;
  std::filesystem::create_symlink(folder.write("model", "old"), folder.file("latest"));
  OutputFile file(folder.file("latest"));
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("latest")));
  EXPECT_EQ(folder.read("model"), "new");
}

TEST(OutputFile, RefusesToReplaceWhatIsNoFile) {
  const TempFolder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {folder.path(), pipe}) {
    expect_starts_with(message_of([&] { OutputFile file(path); }), path + ": not a regular file; ");
  }
  const std::string lost = folder.file("no/such/folder/model");
  expect_starts_with(message_of([&] { OutputFile file(lost); }), lost + ": cannot create a file beside it: ");
  EXPECT_EQ(folder.list(), Names{"pipe"});
}

}  // namespace
}  // namespace recur::file_test
