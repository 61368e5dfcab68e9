#include "infer/generate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <utility>

#include "base/temp_folder.h"
#include "recur/types/error.h"
#include "support/error_of.h"
#include "support/generation.h"
#include "support/language.h"
#include "support/paths.h"

namespace recur::generate_test {
namespace {

std::unique_ptr<Network> network_of(const std::string& text, TokenizerKind kind) {
  const TempFolder folder;
  LanguageModelOptions options{{.layers = 1, .hidden = 8}};
  options.tokenizer = kind;
  auto network = std::make_unique<Network>(learn_task(options, InputFile(folder.write("text", text)), nullptr));
  TrainingOptions training;
  training.initial_range = 0.5F;
  network->start(training);
  return network;
}

std::string generated(Network& network, const Generation& options, std::vector<std::string>* pieces = nullptr) {
  std::string text;
  Author author(network, std::make_shared<NetworkStepper>(step_network(network)), "", options);
  generate(author, [&](std::string_view piece) {
    text += piece;
    if (pieces != nullptr) pieces->emplace_back(piece);
  });
  return text;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// Whether `before` ends with the beginning of a character that `after` could go on with.
bool splits_a_character(std::string_view before, std::string_view after) {
  if (!is_continuation(after.front())) return false;
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, before.size()); ++back) {
    const char byte = before[before.size() - back];
    if (is_continuation(byte)) continue;
    const auto lead = static_cast<unsigned char>(byte);
    return lead >= 0xC0 && back < (lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U);
  }
  return false;
}

TEST(Generate, SameSeedSameText) {
  const auto network = network_of("hello world\n", TokenizerKind::character);
  const std::string a = generated(*network, generation("he", 50, 3));
  EXPECT_EQ(a, generated(*network, generation("he", 50, 3)));
  EXPECT_NE(a, generated(*network, generation("he", 50, 4)));
  EXPECT_EQ(a.substr(0, 2), "he");
  EXPECT_EQ(a.size(), 52U);
}

// A byte model of one three-byte character may write any of its bytes; only whole characters are written early.
TEST(Generate, NeverSplitsACharacter) {
  const auto network = network_of("\u20AC\u20AC\u20AC\n", TokenizerKind::byte);
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    std::vector<std::string> pieces;
    generated(*network, generation("\u20AC", 60, seed), &pieces);
    ASSERT_GT(pieces.size(), 2U);
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      EXPECT_FALSE(splits_a_character(pieces[i], pieces[i + 1])) << "piece " << i << " of seed " << seed;
    }
  }
}

TEST(Generate, EndsBeforeTheStopText) {
  const auto network = network_of("abc\n", TokenizerKind::character);
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    Generation options = generation("", 200, seed);
    const std::string whole = generated(*network, options);
    options.stops = {"ab"};
    const std::string cut = generated(*network, options);
    EXPECT_EQ(cut, whole.substr(0, whole.find("ab")));
  }
}

TEST(Generate, EndsBeforeTheFirstOfSeveralStops) {
  const auto network = network_of("abc\n", TokenizerKind::character);
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    Generation options = generation("", 200, seed);
    const std::string whole = generated(*network, options);
    options.stops = {"cab", "aa", "bb"};
    const std::string cut = generated(*network, options);
    // Of stops that end with the same character the one that begins first counts.
    std::size_t end = whole.size(), place = whole.size();
    for (const std::string& stop : options.stops) {
      const std::size_t found = whole.find(stop);
      if (found == whole.npos || std::pair(found + stop.size(), found) >= std::pair(end, place)) continue;
      end = found + stop.size();
      place = found;
    }
    EXPECT_EQ(cut, whole.substr(0, place)) << whole;
  }
  Generation empty = generation("", 5);
  empty.stops = {"a", ""};
  EXPECT_THROW(generated(*network, empty), Error);
}

// More than are written at once.
TEST(Generate, SeveralTextsAreThoseOfTheirSeeds) {
  for (const TokenizerKind kind : {TokenizerKind::character, TokenizerKind::word}) {
    const auto network = network_of("to be or not to be\n", kind);
    Generation options = generation("to be", 12, 5);
    options.repetition_penalty = 1.5F;
    options.stops = {"or"};
    Author author(*network, std::make_shared<NetworkStepper>(step_network(*network)), "", options);
    std::vector<std::string> texts;
    generate(author, 300, [&](std::string&& text) { texts.push_back(std::move(text)); });
    ASSERT_EQ(texts.size(), 300U);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(texts[i], generated(*network, options)) << i;
      ++options.seed;
    }
  }
}

TEST(Generate, WritesWhatIsAllowed) {
  const auto network = network_of("abcdef\n", TokenizerKind::character);
  Generation options = generation("", 100);
  options.allowed = {"a", "b", "c"};
  options.banned = {"b"};
  EXPECT_EQ(generated(*network, options).find_first_not_of("ac"), std::string::npos);
  const auto error_of = [&](const std::vector<std::string>& banned, const std::vector<std::string>& allowed) {
    options.banned = banned;
    options.allowed = allowed;
    try {
      generated(*network, options);
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_TRUE(error_of({"x"}, {}).starts_with("--ban: expected a token of the model's vocabulary, got \"x\""));
  EXPECT_TRUE(error_of({}, {"ab"}).starts_with("--only: expected a token of the model's vocabulary, got \"ab\""));
  EXPECT_EQ(error_of({"a"}, {"a"}), "--ban, --only: leave no token that may be written");
}

// The big list of naughty strings: each is continued, or its first character that the model has never seen is named.
TEST(Generate, TakesOrNamesEveryNaughtyString) {
  std::ifstream file(source_folder() + "/tests/data/blns/blns.txt");
  ASSERT_TRUE(file.is_open());
  const auto characters = network_of("abcdefghijklmnopqrstuvwxyz ,.\n", TokenizerKind::character);
  const auto words = network_of("to be or not to be\n", TokenizerKind::word);
  std::size_t taken = 0, named = 0;
  for (std::string line; std::getline(file, line);) {
    for (auto* network : {characters.get(), words.get()}) {
      try {
        generated(*network, generation(line, 3, 1));
        ++taken;
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        ++named;
      }
    }
  }
  EXPECT_GT(taken, 10U);
  EXPECT_GT(named, 400U);
}

}  // namespace
}  // namespace recur::generate_test
