// recur predict in a pipe: each line is answered before the next is asked for.
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/reviews.h"

namespace recur::pipe_test {
namespace {

// A program that runs beside the test, which writes to it and reads from it.
class Coprocess {
 public:
  explicit Coprocess(const Arguments& arguments) {
    program_ = ::fork();
    if (program_ == 0) become_program(arguments, in_.read_end, out_.write_end, STDERR_FILENO);
    ::close(in_.read_end);
    ::close(out_.write_end);
  }
  ~Coprocess() {
    if (program_ > 0) finish();
    ::close(out_.read_end);
  }
  Coprocess(const Coprocess&) = delete;
  Coprocess& operator=(const Coprocess&) = delete;

  void write(const std::string& text) const {
    ASSERT_EQ(::write(in_.write_end, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Waits for a whole line.
  std::string line() {
    std::string line;
    for (char c = 0; ::read(out_.read_end, &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }
  // Closes its input: the exit code.
  int finish() {
    ::close(in_.write_end);
    int status = 0;
    ::waitpid(program_, &status, 0);
    program_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  Pipe in_, out_;
  pid_t program_ = -1;
};

TEST(Pipes, AreAnsweredLineByLine) {
  const Reviews reviews;
  Coprocess program({"predict", reviews.model, "--data", "-"});
  program.write("fine\n");
  EXPECT_TRUE(program.line().starts_with("up\t"));
  program.write("grey night\n");
  EXPECT_TRUE(program.line().starts_with("down\t"));
  program.write("\n");
  EXPECT_EQ(program.line(), "");
  program.write("day\ngrey");
  EXPECT_TRUE(program.line().starts_with("up\t"));
  program.write(" night");  // and no end of the line
  EXPECT_EQ(program.finish(), 0);
  EXPECT_TRUE(program.line().starts_with("down\t"));
}

TEST(Pipes, OfJsonAreAnsweredLineByLine) {
  const Reviews reviews;
  Coprocess program({"predict", reviews.model, "--data", "-"});
  program.write("{\"text\": \"fine\"}\n");
  EXPECT_TRUE(program.line().starts_with("up\t"));
  program.write("{\"text\": \"grey night\"}\n");
  EXPECT_TRUE(program.line().starts_with("down\t"));
  EXPECT_EQ(program.finish(), 0);
}

// What stands before a line that cannot be read is answered, whether both came together or not.
TEST(Pipes, AreAnsweredUpToALineThatIsNone) {
  const Reviews reviews;
  ProgramOptions options;
  options.input = "fine\ngrey night\nda\xFFy\nfine\n";
  const ProgramResult answered = run_program({"predict", reviews.model, "--data", "-"}, options);
  EXPECT_EQ(answered.code, 1);
  EXPECT_EQ(std::ranges::count(answered.out, '\n'), 2) << answered.out;
  EXPECT_TRUE(answered.complains("standard input: line 3: ")) << answered.err;
  const ProgramResult cut = run_program({"predict", reviews.model, "--data", "-", "--max-length", "1"}, options);
  EXPECT_NE(cut.err.find("standard input: 1 over --max-length were cut"), std::string::npos) << cut.err;
}

// Records of several lines come when they end.
TEST(Pipes, OfTablesAreAnsweredRowByRow) {
  const Reviews reviews;
  Coprocess program({"predict", reviews.model, "--data", "-", "--format", "csv"});
  program.write("id,text\n1,fine\n");
  EXPECT_TRUE(program.line().starts_with("up\t"));
  program.write("2,\"grey\n");
  program.write("night\"\n3,fine\n");
  EXPECT_TRUE(program.line().starts_with("down\t"));
  EXPECT_TRUE(program.line().starts_with("up\t"));
  EXPECT_EQ(program.finish(), 0);

  Coprocess columns({"predict", reviews.model, "--data", "-", "--columns", "text=review"});
  columns.write("id\treview\n");
  columns.write("1\tfine\n");
  EXPECT_TRUE(columns.line().starts_with("up\t"));
  columns.write("2\tgrey night\n");
  EXPECT_TRUE(columns.line().starts_with("down\t"));
  EXPECT_EQ(columns.finish(), 0);

  Coprocess numbers({"predict", reviews.model, "--data", "-", "--columns", "text=2"});
  numbers.write("1\tfine\n");
  EXPECT_TRUE(numbers.line().starts_with("up\t"));
  numbers.write("2\tgrey night\n");
  EXPECT_TRUE(numbers.line().starts_with("down\t"));
  EXPECT_EQ(numbers.finish(), 0);
}

TEST(Pipes, OfTablesKnowTheirLines) {
  const Reviews reviews;
  std::string many = "text\n";
  for (int i = 0; i < 300'000; ++i) many += i % 3 == 0 ? "\"fi\"\"ne, \nday\"\n" : "grey night\n";
  ProgramOptions options;
  options.input = many;
  const Arguments predict = {"predict", reviews.model, "--data", "-", "--format", "csv"};
  const ProgramResult answered = run_program(predict, options);
  EXPECT_EQ(std::ranges::count(answered.out, '\n'), 300'000) << answered.err;
  const std::string path = reviews.folder.write("many.csv", many);
  EXPECT_EQ(run_program({"predict", reviews.model, "--data", path}).out, answered.out);
  options.input = many + "a,b\n";
  EXPECT_TRUE(run_program(predict, options).complains("standard input: line 400002: expected 1 columns"));
}

TEST(Pipes, OfSentencesAreAnsweredAtTheirEmptyLines) {
  const TempFolder folder;
  const std::string data = folder.write("train.conll", "we P\neat V\n\nold J\ncats N\n\n"), model = folder.file("m");
  const ProgramResult trained =
      run_program({"train", "tag", "--data", data, "--valid", data, "--out", model, "--hidden", "4", "--embedding", "4",
                   "--letter-cell", "none", "--epochs", "1", "--min-count", "1"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  Coprocess program({"predict", model, "--data", "-"});
  program.write("we\neat\n\n");
  EXPECT_TRUE(program.line().starts_with("we\t"));
  EXPECT_TRUE(program.line().starts_with("eat\t"));
  EXPECT_EQ(program.line(), "");
  program.write("old\n");
  program.write("\n");
  EXPECT_TRUE(program.line().starts_with("old\t"));
  EXPECT_EQ(program.line(), "");
  program.write("cats");
  EXPECT_EQ(program.finish(), 0);
  EXPECT_TRUE(program.line().starts_with("cats\t"));
}

// A bad line has an empty answer, and the run goes on.
TEST(Pipes, AreAnsweredPastBadLines) {
  const Reviews reviews;
  Coprocess program({"predict", reviews.model, "--data", "-", "--skip-bad", "--format", "json"});
  program.write("{\"text\": \"fi\n");
  EXPECT_EQ(program.line(), "");
  program.write("{\"text\": \"fine\"}\n");
  EXPECT_TRUE(program.line().starts_with("up\t"));
  program.write("{\"label\": 1}\n");
  EXPECT_EQ(program.line(), "");
  program.write("{\"text\": \"grey night\"}\n");
  EXPECT_TRUE(program.line().starts_with("down\t"));
  EXPECT_EQ(program.finish(), 0);
}

// Lines are answered as in one piece, and are numbered from the first of all.
TEST(Pipes, KnowTheirLines) {
  const Reviews reviews;
  std::string many;
  for (int i = 0; i < 300'000; ++i) many += i % 3 == 0 ? "fine\n" : "grey night\n";  // more than one block
  ProgramOptions options;
  options.input = many;
  const ProgramResult answered = run_program({"predict", reviews.model, "--data", "-"}, options);
  EXPECT_EQ(std::ranges::count(answered.out, '\n'), 300'000);
  const std::string path = reviews.folder.write("many", many);
  EXPECT_EQ(run_program({"predict", reviews.model, "--data", path}).out, answered.out);
  options.input = many + "a \xFF\n";
  const ProgramResult wrong = run_program({"predict", reviews.model, "--data", "-"}, options);
  EXPECT_TRUE(wrong.complains("standard input: line 300001: ")) << wrong.err;
}

}  // namespace
}  // namespace recur::pipe_test
