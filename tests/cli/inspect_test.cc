// recur inspect as a process of its own.
#include <gtest/gtest.h>
#include <pty.h>

#include <nlohmann/json.hpp>

#include "cli/pseudo_terminal.h"
#include "cli/texts.h"

namespace recur::inspect_test {
namespace {

using nlohmann::json;

class InspectProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() { trained_ = new TrainedModel; }
  static void TearDownTestSuite() { delete trained_; }
  static const TrainedModel& trained() { return *trained_; }

  static ProgramResult inspect(const std::string& what, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"inspect", what, trained().model, "--data", trained().text});
    return run_program(more);
  }

 private:
  inline static TrainedModel* trained_ = nullptr;
};

// Standard output and error together, of a program that runs in a terminal.
std::string in_terminal(const std::vector<std::string>& arguments, const char* no_colour) {
  int terminal = 0;
  const pid_t program = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (program == 0) {
    ::setenv("TERM", "xterm-256color", 1);
    ::setenv("NO_COLOR", no_colour, 1);
    become_program(arguments, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  }
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t count = 0; (count = ::read(terminal, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(terminal);
  ::waitpid(program, nullptr, 0);
  return text;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST_F(InspectProgram, GradientsAreATableAndAPicture) {
  const TempFolder folder;
  const ProgramResult result = inspect("gradients", {"--steps", "12", "--out", folder.file("g.svg")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(holds(result.out, " windows of 12 steps in 32 streams")) << result.out;
  EXPECT_TRUE(holds(result.out, "      T - t  layer 0 h  layer 0 c  layer 1 h  layer 1 c\n")) << result.out;
  for (const char* row : {"\n          0 ", "\n          8 ", "\n         11 ", "\n below 1/10 ", "\nbelow 1/100 "}) {
    EXPECT_TRUE(holds(result.out, row)) << row;
  }
  EXPECT_FALSE(holds(result.out, "\n         15 "));
  const std::string svg = folder.read("g.svg");
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_TRUE(holds(svg, "layer 1 c"));
  EXPECT_EQ(folder.list().size(), 1);
}

TEST_F(InspectProgram, GradientsAreJsonOfEveryDistance) {
  const json object = json::parse(inspect("gradients", {"--steps", "12", "--json"}).out);
  EXPECT_EQ(object["steps"], 12);
  EXPECT_EQ(object["states"].size(), 4);
  EXPECT_EQ(object["states"][3]["layer"], 1);
  EXPECT_EQ(object["states"][3]["state"], "c");
  EXPECT_EQ(object["states"][3]["norms"].size(), 12);
  EXPECT_EQ(object["states"][3]["norms"][0], 0.0);
}

TEST_F(InspectProgram, UnitsAreTables) {
  const ProgramResult result = inspect("units");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with("units that follow a feature of the text\n")) << result.out;
  EXPECT_TRUE(holds(result.out, "layer 1  forget gate      8")) << result.out;
  EXPECT_TRUE(holds(result.out, "layer 0  state c        8")) << result.out;
  EXPECT_FALSE(holds(result.out, "\x1b"));
}

TEST_F(InspectProgram, ChosenUnitsAreShownInTheirOrder) {
  const ProgramResult result = inspect("units", {"--unit", "1:forget:3", "--unit", "0:c:7", "--length", "30"});
  EXPECT_EQ(result.code, 0) << result.err;
  const std::size_t first = result.out.find("layer 1, forget gate, unit 3"),
                    second = result.out.find("layer 0, state c, unit 7");
  EXPECT_EQ(first, 0);
  EXPECT_LT(second, result.out.find("units that follow"));
  EXPECT_TRUE(holds(result.out, "      29     ")) << result.out;
  EXPECT_FALSE(holds(result.out, "      30     "));
}

using InspectOnTerminal = OnTerminal<InspectProgram>;

TEST_F(InspectOnTerminal, ColoursTheTextWhereColoursAreWelcome) {
  std::vector<std::string> arguments = {"inspect", "units", trained().model, "--data", trained().text};
  const std::string best = in_terminal(arguments, "");
  EXPECT_TRUE(best.starts_with("layer ")) << best.substr(0, 200);
  EXPECT_TRUE(holds(best, "\x1b[38;5;16;48;5;"));
  EXPECT_TRUE(in_terminal(arguments, "1").starts_with("units that follow"));
  arguments.insert(arguments.end(), {"--unit", "0:h:1", "--length", "20"});
  EXPECT_TRUE(holds(in_terminal(arguments, ""), "\x1b[38;5;16;48;5;"));
  const std::string plain = in_terminal(arguments, "1");
  EXPECT_TRUE(plain.starts_with("layer 0, state h, unit 1")) << plain;
  EXPECT_FALSE(holds(plain, "\x1b"));
}

TEST_F(InspectProgram, UnitsAreJson) {
  const json tables = json::parse(inspect("units", {"--json"}).out);
  EXPECT_EQ(tables["gates"].size(), 6);
  EXPECT_FALSE(tables.contains("units"));
  const json chosen = json::parse(inspect("units", {"--json", "--unit", "0:h:0", "--length", "9"}).out);
  EXPECT_EQ(chosen["length"], 9);
  EXPECT_EQ(chosen["tokens"].size(), 9);
  EXPECT_EQ(chosen["units"][0]["unit"], "layer 0, state h, unit 0");
  EXPECT_EQ(chosen["units"][0]["values"].size(), 9);
}

TEST_F(InspectProgram, UnitsAreAPage) {
  const TempFolder folder;
  const ProgramResult result = inspect("units", {"--out", folder.file("u.html"), "--unit", "1:candidate:5"});
  EXPECT_EQ(result.code, 0) << result.err;
  const std::string page = folder.read("u.html");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_TRUE(holds(page, "layer 1, candidate, unit 5"));
}

TEST_F(InspectProgram, TellsWhatIsLeftOut) {
  for (const char* what : {"gradients", "units"}) {
    const ProgramResult result = run_program({"inspect", what, trained().model, "--data", "-", "--threads", "1"},
                                             {.input = rhyme(10) + "ZZ" + rhyme(10), .output = {}, .watch = {}});
    EXPECT_EQ(result.code, 0);
    EXPECT_TRUE(result.complains("2 tokens that the model has never seen are left out")) << result.err;
  }
}

TEST_F(InspectProgram, RefusesUnitsThatAreNotThere) {
  struct Case {
    const char *unit, *message;
  };
  const Case cases[] = {
      {"", "--unit: expected LAYER:STATE_OR_GATE:NUMBER, such as 0:h:0, got \"\""},
      {"3", "--unit: expected LAYER:STATE_OR_GATE:NUMBER"},
      {"0:c", "--unit: expected LAYER:STATE_OR_GATE:NUMBER"},
      {"2:c:0", "--unit \"2:c:0\": expected a layer from 0 to 1, got \"2\""},
      {":c:0", "expected a layer from 0 to 1, got \"\""},
      {"-1:c:0", "expected a layer from 0 to 1, got \"-1\""},
      {"0:forgot:0", "expected one of h, c, input, forget, candidate, output, got \"forgot\""},
      {"0::0", "expected one of h, c, input, forget, candidate, output, got \"\""},
      {"0:c:8", "expected a unit from 0 to 7, got \"8\""},
      {"0:c:", "expected a unit from 0 to 7, got \"\""},
      {"0:c:1x", "expected a unit from 0 to 7, got \"1x\""},
      {"0:c:99999999999999999999", "expected a unit from 0 to 7"},
      {"0:\n\x1b:1", "got \"\\n\\x1b\""},
  };
  const TempFolder folder;
  for (const Case& c : cases) {
    const ProgramResult result = inspect("units", {"--unit", c.unit, "--out", folder.file("u.html")});
    EXPECT_EQ(result.code, 2) << c.unit;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.complains(c.message)) << "expected " << c.message << ", got " << result.err;
  }
  EXPECT_TRUE(folder.list().empty());
}

TEST_F(InspectProgram, ExplainsMistakes) {
  const TempFolder folder;
  const std::string text = folder.write("short.txt", "the cat sat");
  const std::string empty = folder.write("empty.txt", "");
  const std::string strange = folder.write("strange.txt", "ZZZ");
  struct Case {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  };
  const std::string none = folder.file("none"), out = folder.file("none/out");
  const Case cases[] = {
      {{"gradients"}, 2, "MODEL is required"},
      {{"gradients", trained().model}, 2, "--data is required"},
      {{"colours"}, 2, "unknown command \"colours\"; expected one of gradients, units"},
      {{"units", none, "--data", text}, 1, "none: cannot open"},
      {{"gradients", trained().model, "--data", none}, 1, "none: cannot open"},
      {{"gradients", trained().model, "--data", text},
       1,
       "short.txt: 11 tokens are too few: a window of 50 steps, the text before it and the token after it are 101"},
      {{"gradients", trained().model, "--data", text, "--steps", "0"}, 2, "--steps: expected a whole number from 1"},
      {{"units", trained().model, "--data", text, "--length", "0"}, 2, "--length: expected a whole number from 1"},
      {{"units", trained().model, "--data", empty}, 1, "empty.txt is empty"},
      {{"units", trained().model, "--data", strange}, 1, "strange.txt: expected a token that the model knows"},
      {{"units", trained().model, "--data", text, "--out", out}, 1, "none/out"},
      {{"gradients", trained().model, "--data", text, "--steps", "5", "--out", out + ".svg"}, 1, "none/out"},
      {{"gradients", trained().model, "--data", text, "--out", out},
       2,
       "--out: expected the name of a .svg file, got "},
      {{"gradients", text, "--data", text}, 1, "short.txt: not a valid"},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = c.arguments;
    arguments.insert(arguments.begin(), "inspect");
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.code, c.code) << c.message;
    EXPECT_EQ(result.out, "") << c.message;
    EXPECT_TRUE(result.complains(c.message)) << "expected " << c.message << ", got " << result.err;
  }
  EXPECT_EQ(folder.list(), (std::set<std::string>{"short.txt", "empty.txt", "strange.txt"}));
}

// What is there stays when something goes wrong.
TEST_F(InspectProgram, WritesAllOrNothing) {
  const TempFolder folder;
  const std::string out = folder.write("u.html", "before");
  EXPECT_EQ(inspect("units", {"--out", out, "--unit", "9:c:0"}).code, 2);
  EXPECT_EQ(folder.read("u.html"), "before");
  EXPECT_EQ(folder.list().size(), 1);
}

}  // namespace
}  // namespace recur::inspect_test
