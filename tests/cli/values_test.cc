// Values of flags and of --config: the program gets each byte for byte, whatever the parser makes of such texts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/show.h"
#include "cli/parser.h"
#include "cli/shield.h"
#include "cli/terminal.h"
#include "cli/texts.h"

namespace recur::values_test {
namespace {

using nlohmann::json;

const std::string kOddValues[] = {
    "",   "{}",    "{a}",    "{",    "%%",  "%",      "[]",   "[",     "[a,b]",    "[[a],[b]]",  "a,b",
    ",",  "\"",    "\"a\"",  "'a'",  "`a`", "\"'%\\", "\\n",  "\\",    "-x",       "--",         "--help",
    "-1", "--a=",  "--a={}", "a=b",  "=",   "_",      "_41",  "__",    "++",       "#a",         "a#b",
    ";",  "$HOME", "~",      "a b",  " a ", "\t",     "a\nb", "\r",    "B\"(a)\"", "'B\"(a)\"'", "\\x41",
    "é",  "/a",    "a:b",    "true", "nan", "\x7f",   "0x41", "train", "a.b",      "@a",         "<a>&|!?*",
};

TEST(Shield, LeavesNothingThatAParserMayReadAndLosesNothing) {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  for (const std::string& value : kOddValues) {
    EXPECT_EQ(unshield(shield(value)), value);
    EXPECT_EQ(shield(value).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./_"),
              std::string::npos);
    EXPECT_EQ(unshield(shield_argument(value)), value);
    EXPECT_EQ(shield_argument("--name=" + value), "--name=" + shield(value));
    EXPECT_FALSE(shield(value).empty());
  }
  EXPECT_EQ(unshield(shield(bytes)), bytes);
  for (const char* plain : {"train", "--hidden", "-h", "book.txt", "-", "--", "a/b", "-3"}) {
    EXPECT_EQ(shield_argument(plain), plain);
  }
}

TEST(Values, OfFlagsAreAnyText) {
  const TempFolder folder;
  std::string text = rhyme(40);
  for (const std::string& value : kOddValues) text += value;
  const std::string model = folder.file("m.safetensors");
  ASSERT_EQ(train(folder.write("odd.txt", text), model, {"--epochs", "0"}).code, 0);
  for (const std::string& prompt : kOddValues) {
    const ProgramResult apart = run_program({"sample", model, "--prompt", prompt, "--length", "0"});
    EXPECT_EQ(apart.out, prompt) << apart.err;
    const ProgramResult joined = run_program({"sample", model, "--prompt=" + prompt, "--length", "0"});
    EXPECT_EQ(joined.out, prompt) << joined.err;
  }
  const ProgramResult piped =
      run_program({"sample", model, "--length", "0", "--prompt", "-"}, {.input = "the cat\n", .watch = {}});
  EXPECT_EQ(piped.out, "the cat\n") << piped.err;
}

TEST(Values, OfArgumentsAndChoicesAreAnyText) {
  for (const std::string& value : kOddValues) {
    const bool is_argument = !value.starts_with('-') && !value.empty();
    if (is_argument) {
      const ProgramResult info = run_program({"info", "./" + value});
      EXPECT_TRUE(info.err.starts_with("recur: ./" + printable(value) + ": ")) << info.err;
    }
    for (const Arguments& arguments : {Arguments{"--cell", value}, Arguments{"--cell=" + value}}) {
      const ProgramResult refused = run_program(with({"train", "lm", "--data", "x"}, arguments));
      EXPECT_EQ(refused.code, 2) << value;
      EXPECT_TRUE(refused.complains(printable(quote(value)))) << refused.err;
    }
    const ProgramResult extra = run_program({"cells", "--", "x" + value});
    EXPECT_TRUE(extra.complains("unexpected argument " + printable(quote("x" + value)))) << extra.err;
  }
  EXPECT_TRUE(run_program({"bench", "{}"}).complains("got \"{}\""));
}

TEST(Values, OfAConfigFileAreThoseThatTheCommandLineDidNotGive) {
  const TempFolder folder;
  const std::string config = folder.write("c.toml", "# small\nhidden = 24\nlayers = 3\ndropout=.25\ntied = true\n");
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::string model = folder.file("m.safetensors");
  const ProgramResult training = run_program({"train", "lm", "--data", text, "--out", model, "--config", config,
                                              "--layers", "1", "--epochs", "0", "--batch", "4"});
  ASSERT_EQ(training.code, 0) << training.err;
  const json network = json::parse(run_program({"info", "--json", model}).out)["model"];
  EXPECT_EQ(network["hidden"], 24);
  EXPECT_EQ(network["layers"], 1);
  EXPECT_EQ(network["dropout"], 0.25);
  EXPECT_EQ(network["tied"], true);

  const std::string wrong = folder.write("w.toml", "hiden = 24\n");
  const ProgramResult refused = run_program({"train", "lm", "--data", text, "--out", model, "--config", wrong});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(refused.complains("w.toml: line 1: \"hiden\"")) << refused.err;
}

// What a flag --text, a switch and a count get from the file.
struct Config {
  explicit Config(const std::string& file_text, const std::vector<std::string>& arguments = {}) {
    const TempFolder folder;
    const std::string path = folder.write("c.toml", file_text);
    std::string config;
    Command command{"p", "", ""};
    command.options.text("text", text, "TEXT", "");
    command.options.flag("switch", on, "");
    command.options.count("count", count, {}, "");
    command.options.text("config", config, "FILE", "");
    command.run = [](const Given&) { return kDone; };
    std::vector<const char*> words = {"p", "--config", path.c_str()};
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    run_command_line(command, static_cast<int>(words.size()), words.data());
  }
  std::string text = "none";
  bool on = false;
  std::uint64_t count = 7;
};

// Of the file's path only the name is left.
std::string refusal_of(const std::string& file_text) {
  try {
    const Config config(file_text);
  } catch (const std::exception& error) {
    std::string message = error.what();
    message.resize(std::min(message.find("; see p --help"), message.size()));
    return message.substr(message.find("c.toml"));
  }
  return "";
}

TEST(ConfigFile, GivesTextsByteForByte) {
  for (const std::string& value : kOddValues) {
    if (value.find_first_of("\n\r") == value.npos && value.find('\'') == value.npos) {
      EXPECT_EQ(Config("text = '" + value + "'\n").text, value);
    }
    EXPECT_EQ(Config("text=" + json(value).dump() + "  # a comment\n").text, value);
  }
  for (const char* value : {"a", "a.b", "/a/b-c_d.txt", "a:b", "x=y", "~", "$HOME", "%%", "true", "-1", "é", "a+b@c"}) {
    EXPECT_EQ(Config(fmt::format("text = {}", value)).text, value);
    EXPECT_EQ(Config(fmt::format("\ttext\t=\t{}\t; a comment\r\n", value)).text, value);
  }
}

TEST(ConfigFile, HasCommentsBlankLinesAndSwitches) {
  const Config config("\xEF\xBB\xBF# a\n\n ; b\nswitch = true\ncount = 3 # c\n");
  EXPECT_TRUE(config.on);
  EXPECT_EQ(config.count, 3);
  EXPECT_EQ(config.text, "none");
  EXPECT_FALSE(Config("switch = false").on);
  EXPECT_EQ(Config("count = 3", {"--count", "4"}).count, 4);
}

TEST(ConfigFile, RefusesWhatIsNoFlagOfTheProgram) {
  const std::string one_value = ": expected one value; put quotes around a text";
  for (const char* value : {"", "a b", "a,b", "[1, 2]", "{}", "'a", "\"a", "'", "\"a\"b", "'a' b", "\"\\q\"", "a#b",
                            "# comment", "a\\b", "\"a", "1;2"}) {
    EXPECT_EQ(refusal_of(fmt::format("# first\ntext = {}\n", value)), "c.toml: line 2: \"text\"" + one_value) << value;
  }
  const std::string no_flag = ": not a flag that a file can set; expected lines such as hidden = 256";
  EXPECT_EQ(refusal_of("texts = 3"), "c.toml: line 1: \"texts\"" + no_flag);
  EXPECT_EQ(refusal_of("[section]\n"), "c.toml: line 1: \"[section]\"" + no_flag);
  EXPECT_EQ(refusal_of("= 3"), "c.toml: line 1: \"\"" + no_flag);
  EXPECT_EQ(refusal_of("help = true"), "c.toml: line 1: \"help\"" + no_flag);
  EXPECT_EQ(refusal_of("switch"), "c.toml: line 1: \"switch\"" + one_value);
  EXPECT_EQ(refusal_of("count = 1\nswitch = true\ncount = 2"), "c.toml: line 3: \"count\" is given twice");
  EXPECT_EQ(refusal_of("count = x"), "c.toml: line 1: --count: expected a whole number of at least 0, got \"x\"");
  EXPECT_EQ(refusal_of("switch = yes"), "c.toml: line 1: --switch: expected no value, or true or false, got \"yes\"");
  EXPECT_EQ(refusal_of("count = 1\ntext = \xff"), "c.toml: line 2: expected UTF-8, got 0xFF at byte 7 of the line");
}

}  // namespace
}  // namespace recur::values_test
