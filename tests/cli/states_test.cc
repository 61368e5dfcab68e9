// recur states and recur nearest.
#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur::states_test {
namespace {

TEST(StatesCommand, FindsRecordsThatAreAlike) {
  const TempFolder folder;
  std::string data;
  for (int i = 0; i < 20; ++i) data += i % 2 == 0 ? "up\ta fine day\n" : "down\ta grey night\n";
  const std::string path = folder.write("data.tsv", data), model = folder.file("m.safetensors");
  ASSERT_EQ(run_program({"train", "classify", "--data", path, "--valid", path, "--out", model, "--hidden", "8",
                         "--embedding", "8", "--epochs", "10", "--lr", "0.05", "--batch", "4"})
                .code,
            0);
  const std::string out = folder.file("s.npy");
  ASSERT_EQ(run_program({"states", model, "--data", path, "--out", out}).code, 0);
  const ProgramResult near = run_program({"nearest", out, "2", "--count", "3", "--data", path});
  EXPECT_EQ(near.out, "4\t1.0000\tdown\ta grey night\n6\t1.0000\tdown\ta grey night\n8\t1.0000\tdown\ta grey night\n")
      << near.err;
  const ProgramResult cut = run_program({"states", model, "--data", path, "--out", out, "--max-length", "2"});
  EXPECT_TRUE(cut.complains("data.tsv: 20 over --max-length were cut")) << cut.err;
  EXPECT_TRUE(run_program({"nearest", out, "21"}).complains("expected a record from 1 to 20, got 21"));
  const std::string fewer = folder.write("fewer.tsv", "up\ta fine day\n");
  EXPECT_TRUE(run_program({"nearest", out, "1", "--data", fewer}).complains("fewer.tsv: 1 records; expected 20, as"));
  EXPECT_TRUE(run_program({"states", model, "--data", path, "--out", "s.csv"})
                  .complains("--out: expected the name of a .npy or .safetensors file, got"));
  EXPECT_TRUE(run_program({"states", model, "--data", path, "--out", out, "--each-step"})
                  .complains("expected the name of a .safetensors file"));
  EXPECT_TRUE(
      run_program({"states", model, "--data", path, "--out", model}).complains("--out: would write over the input"));
  EXPECT_TRUE(run_program({"predict", model, "--data", path, "--plot", path}).complains("--plot: "));
  EXPECT_EQ(folder.read("data.tsv"), data);
  const std::string steps = folder.file("s.safetensors");
  ASSERT_EQ(run_program({"states", model, "--data", path, "--out", steps, "--each-step", "--state", "c"}).code, 0);
  EXPECT_TRUE(run_program({"nearest", steps, "1"}).complains("records have states of several steps"));
}

TEST(StatesCommand, FindsRowsOfCsv) {
  const TempFolder folder;
  std::string data = "label,text\n";
  for (int i = 0; i < 20; ++i) data += i % 2 == 0 ? "up,\"a fine,\nday\"\n" : "down,a grey night\n";
  const std::string path = folder.write("data.csv", data), model = folder.file("m.safetensors");
  ASSERT_EQ(run_program({"train", "classify", "--data", path, "--valid", path, "--out", model, "--hidden", "8",
                         "--embedding", "8", "--epochs", "10", "--lr", "0.05", "--batch", "4"})
                .code,
            0);
  const std::string out = folder.file("s.npy");
  ASSERT_EQ(run_program({"states", model, "--data", path, "--out", out}).code, 0);
  const ProgramResult near = run_program({"nearest", out, "1", "--count", "2", "--data", path});
  EXPECT_EQ(near.out, "3\t1.0000\tup, a fine, day\n5\t1.0000\tup, a fine, day\n") << near.err;
  EXPECT_TRUE(run_program({"nearest", out, "1", "--data", out}).complains("arrays have no lines to be shown"));
}

TEST(StatesCommand, FindsSentencesAndRowsOfNamedColumns) {
  const TempFolder folder;
  std::string words, table = "id\ttext\tlabel\n";
  for (int i = 0; i < 12; ++i) {
    words += i % 2 == 0 ? "a DT\nfine JJ\n\n" : "grey JJ\nnight NN\n\n";
    table += std::to_string(i) + (i % 2 == 0 ? "\ta fine day\tup\n" : "\ta grey night\tdown\n");
  }
  const std::string model = folder.file("m.safetensors"), out = folder.file("s.npy");
  const auto train = [&](const std::string& task, const std::string& data, const Arguments& more = {}) {
    return run_program(with({"train", task, "--data", data, "--valid", data, "--out", model, "--hidden", "8",
                             "--embedding", "8", "--epochs", "4", "--lr", "0.05", "--batch", "4"},
                            more));
  };
  const std::string conll = folder.write("words.conll", words);
  ASSERT_EQ(train("tag", conll).code, 0);
  ASSERT_EQ(run_program({"states", model, "--data", conll, "--out", out}).code, 0);
  EXPECT_EQ(run_program({"nearest", out, "1", "--count", "2", "--data", conll}).out,
            "3\t1.0000\ta fine\n5\t1.0000\ta fine\n");
  const std::string tsv = folder.write("table.tsv", table);
  const Arguments columns = {"--columns", "text=text,label=label"};
  ASSERT_EQ(train("classify", tsv, columns).code, 0);
  ASSERT_EQ(run_program(with({"states", model, "--data", tsv, "--out", out}, columns)).code, 0);
  EXPECT_EQ(run_program(with({"nearest", out, "1", "--count", "1", "--data", tsv}, columns)).out,
            "3\t1.0000\t2\ta fine day\tup\n");
  EXPECT_TRUE(run_program({"nearest", out, "1", "--data", tsv}).complains("table.tsv: 13 records; expected 12, as "));
}

}  // namespace
}  // namespace recur::states_test
