#include "infer/generate.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "infer/held_text.h"

namespace recur {
namespace {

// A text that is being written.
struct Text {
  NetworkStream stream;
  TokenChoice choice;
  int before;
  HeldText held;
};

// A prompt that was read: texts go on from here.
struct ReadPrompt {
  explicit ReadPrompt(const Author& author)
      : begun(author.beginning(author.options().prompt)), stream(author.stream()), logits(stream.stepper().outputs()) {
    for (const int token : begun.tokens) stream.step(token, logits);
  }
  Text text(Author& author, std::uint64_t number, std::function<void(std::string_view)> write) const {
    TokenChoice choice = author.choice(author.options().seed + number);
    for (const int token : begun.tokens) choice.note(token);
    return {stream, std::move(choice), begun.tokens.back(), HeldText(author.options().stops, std::move(write))};
  }

  Author::Beginning begun;
  NetworkStream stream;
  std::vector<float> logits;  // of the token that comes next
};

// The next token of a text; nothing where it has ended.
std::optional<int> next_token(const Author& author, Text& text, std::span<float> logits) {
  const int token = text.choice.choose(logits);
  if (token == author.end() || !text.held.add(author.text_of(text.before, token))) return {};
  text.before = token;
  return token;
}

// Writes texts side by side, each to its end. logits: [vocabulary], the same for each.
void write_on(const Author& author, std::vector<Text>& texts, const std::vector<float>& first) {
  const std::size_t vocabulary = first.size();
  std::vector<Text*> live;
  std::vector<float> logits;  // [live, vocabulary]
  for (Text& text : texts) {
    live.push_back(&text);
    logits.insert(logits.end(), first.begin(), first.end());
  }
  std::vector<NetworkStream*> streams;
  std::vector<int> tokens;
  for (std::size_t i = 0; i < author.options().length && !live.empty(); ++i) {
    streams.clear();
    tokens.clear();
    for (std::size_t k = 0; k < live.size(); ++k) {
      const auto token = next_token(author, *live[k], std::span(logits).subspan(k * vocabulary, vocabulary));
      if (!token) continue;
      live[tokens.size()] = live[k];
      streams.push_back(&live[k]->stream);
      tokens.push_back(*token);
    }
    if (i + 1 == author.options().length) break;
    live.resize(tokens.size());
    logits.resize(tokens.size() * vocabulary);
    // One alone may share its layers among threads.
    if (streams.size() == 1) {
      streams.front()->step(tokens.front(), logits);
    } else {
      step_together(streams, tokens, logits, 0);
    }
  }
  for (Text& text : texts) text.held.flush();
}

}  // namespace

void generate(Author& author, const std::function<void(std::string_view)>& write) {
  const ReadPrompt prompt(author);
  if (!prompt.begun.shown.empty()) write(prompt.begun.shown);
  std::vector<Text> texts = {prompt.text(author, 0, write)};
  write_on(author, texts, prompt.logits);
}

void generate(Author& author, std::size_t count, const std::function<void(std::string&&)>& use) {
  constexpr std::size_t kMostAtOnce = 256;  // of which states and logits are in memory
  const ReadPrompt prompt(author);
  for (std::size_t first = 0; first < count; first += kMostAtOnce) {
    std::vector<std::string> written(std::min(kMostAtOnce, count - first), prompt.begun.shown);
    std::vector<Text> texts;
    for (std::size_t i = 0; i < written.size(); ++i) {
      texts.push_back(prompt.text(author, first + i, [&to = written[i]](std::string_view piece) { to += piece; }));
    }
    write_on(author, texts, prompt.logits);
    for (std::string& text : written) use(std::move(text));
  }
}

}  // namespace recur
