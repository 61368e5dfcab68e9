#include "infer/generate.h"

#include <algorithm>
#include <string>

#include "base/philox.h"
#include "infer/sampler.h"
#include "infer/stepper.h"

namespace recur {
namespace {

// How many bytes at the end of the text are the beginning of a UTF-8 character that is not yet whole.
std::size_t unfinished_character(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;  // a continuation
    const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

// How many bytes at the end of the text may be the beginning of the stop text.
std::size_t begun_stop(std::string_view text, std::string_view stop) {
  for (std::size_t n = std::min(text.size(), stop.empty() ? 0 : stop.size() - 1); n > 0; --n) {
    if (text.ends_with(stop.substr(0, n))) return n;
  }
  return 0;
}

// Holds text back until it may be written.
class Writer {
 public:
  Writer(std::string_view stop, const std::function<void(std::string_view)>& write) : stop_(stop), write_(write) {}

  // False when the stop text has come.
  bool add(std::string_view piece) {
    held_ += piece;
    const std::size_t end = stop_.empty() ? std::string::npos : held_.find(stop_);
    if (end != std::string::npos) {
      held_.resize(end);
      return false;
    }
    const std::size_t keep = std::max(unfinished_character(held_), begun_stop(held_, stop_));
    emit(held_.size() - keep);
    return true;
  }
  void flush() { emit(held_.size()); }

 private:
  void emit(std::size_t count) {
    if (count == 0) return;
    write_(std::string_view(held_).substr(0, count));
    held_.erase(0, count);
  }

  std::string_view stop_;
  const std::function<void(std::string_view)>& write_;
  std::string held_;
};

// What a model without a prompt begins after: the end of a line, if it knows that.
int first_token(const Tokenizer& tokenizer) {
  const std::string_view line_end = tokenizer.kind() == TokenizerKind::word ? kEndOfLineToken : "\n";
  return tokenizer.vocabulary().id(line_end).value_or(0);
}

}  // namespace

void generate(LanguageNetwork& network, const Generation& options, const std::function<void(std::string_view)>& write) {
  const Tokenizer& tokenizer = network.tokenizer();
  Sampler sampler(options.sampling, network.vocabulary_size());
  std::vector<int> prompt = tokenizer.encode_prompt(options.prompt);
  const Random random(options.seed, RandomPurpose::sample);
  if (!options.prompt.empty()) {
    const bool join = tokenizer.kind() == TokenizerKind::word && options.prompt.back() != '\n';
    write(options.prompt + (join && options.prompt.back() != ' ' ? " " : ""));
  }
  if (prompt.empty()) prompt.push_back(first_token(tokenizer));
  Stepper stepper(network);
  std::span<const float> logits;
  for (const int token : prompt) logits = stepper.step(token);
  Writer writer(options.stop, write);
  for (std::size_t i = 0; i < options.length; ++i) {
    const int token = sampler.pick(logits, random.uniform64(i));
    if (!writer.add(tokenizer.decode(token))) break;
    logits = stepper.step(token);
  }
  writer.flush();
}

}  // namespace recur
