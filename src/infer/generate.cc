#include "infer/generate.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/philox.h"
#include "base/show.h"
#include "base/utf8.h"
#include "data/endless_text_field.h"
#include "data/vocabulary.h"
#include "infer/network_stream.h"
#include "infer/sampler.h"

namespace recur {
namespace {

// How many bytes at the end of the text are the beginning of a UTF-8 character that is not yet whole.
std::size_t unfinished_character(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const char last = text[text.size() - back];
    if (!begins_character(last)) continue;
    const auto byte = static_cast<unsigned char>(last);
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
  const std::string_view line_end = has_words(tokenizer.kind()) ? kEndOfLineToken : "\n";
  return tokenizer.vocabulary().id(line_end).value_or(0);
}

// What a network writes.
struct Writing {
  std::vector<int> never;                                     // tokens that are not chosen
  std::optional<int> end;                                     // the token after which there are no more
  std::function<std::string(int before, int token)> text_of;  // what a token adds after the one before it
};

// Reads the prompt, of at least one token, and continues it.
void continue_prompt(NetworkStream& stream, std::span<const int> prompt, Sampler& sampler, const Writing& writing,
                     const Generation& options, const std::function<void(std::string_view)>& write) {
  constexpr float kNever = -1e30F;  // a logit that leaves no probability
  const Random random(options.seed, RandomPurpose::sample);
  std::vector<float> logits(stream.stepper().outputs());
  for (const int token : prompt) stream.step(token, logits);
  Writer writer(options.stop, write);
  int before = prompt.back();
  for (std::size_t i = 0; i < options.length; ++i) {
    for (const int token : writing.never) logits[static_cast<std::size_t>(token)] = kNever;
    const int token = sampler.pick(logits, random.uniform64(i));
    if (token == writing.end || !writer.add(writing.text_of(before, token))) break;
    stream.step(token, logits);
    before = token;
  }
  writer.flush();
}

int label_named(const LabelField& field, std::string_view label) {
  constexpr std::size_t kMostListed = 100;
  const std::optional<int> known = field.id(label);
  if (known) return *known;
  const std::string labels = list_labels(field.names(), kMostListed);
  if (label.empty()) fail("--condition: expected the label of what to write, one of {}", labels);
  fail("--condition: the model has no label {}; expected one of {}", quote(label), labels);
}

// <s> and the prompt.
std::vector<int> begun_text(const TextCodec& codec, std::string_view prompt) {
  std::vector<int> tokens = codec.encode(prompt);
  const auto unknown = std::ranges::find(tokens, *codec.unknown());
  if (unknown != tokens.end()) {
    const std::string piece = codec.pieces(prompt)[static_cast<std::size_t>(unknown - tokens.begin())];
    fail("prompt: the model never saw the {} {}; leave it out", to_string(codec.kind()), quote(piece));
  }
  tokens.insert(tokens.begin(), codec.begin());
  return tokens;
}

}  // namespace

void generate(const Network& network, std::shared_ptr<const NetworkStepper> stepper, const Generation& options,
              const std::function<void(std::string_view)>& write) {
  const Tokenizer& tokenizer = endless_text(network.fields())->tokenizer();
  Sampler sampler(options.sampling, stepper->outputs());
  std::vector<int> prompt = tokenizer.encode_prompt(options.prompt);
  if (!options.prompt.empty()) {
    const bool join = has_words(tokenizer.kind()) && options.prompt.back() != '\n';
    write(options.prompt + (join && options.prompt.back() != ' ' ? " " : ""));
  }
  if (prompt.empty()) prompt.push_back(first_token(tokenizer));
  NetworkStream stream(std::move(stepper));
  const Writing writing{{}, {}, [&](int, int token) { return tokenizer.decode(token); }};
  continue_prompt(stream, prompt, sampler, writing, options, write);
}

void generate(const Network& network, std::shared_ptr<const NetworkStepper> stepper, std::string_view label,
              const Generation& options, const std::function<void(std::string_view)>& write) {
  const TextCodec& codec = line_field(network)->codec();
  const LabelField* labels = network.conditions();
  if (labels == nullptr && !label.empty()) fail_condition();
  const int condition = labels == nullptr ? 0 : label_named(*labels, label);
  Sampler sampler(options.sampling, stepper->outputs());
  // A word comes with the blank before it.
  std::string_view begun = options.prompt;
  while (codec.kind() != TokenizerKind::character && begun.ends_with(' ')) begun.remove_suffix(1);
  const std::vector<int> prompt = begun_text(codec, begun);
  if (!begun.empty()) write(begun);
  NetworkStream stream(std::move(stepper), {}, labels == nullptr ? std::span<const float>() : network.fed(condition));
  if (labels != nullptr) network.begin_text(condition, stream.state());
  const Writing writing{{codec.begin(), *codec.unknown()}, codec.end(), [&](int before, int token) {
                          return codec.added(before, token);
                        }};
  continue_prompt(stream, prompt, sampler, writing, options, write);
}

const TextField* line_field(const Network& network) {
  const auto* head = std::get_if<NextTokenSpec>(&network.recipe().head);
  if (head == nullptr || endless_text(network.fields()) != nullptr) return nullptr;
  return &field_as<TextField>(network.fields(), head->field, "generate");
}

void fail_condition() { fail("--condition: the model was not trained with --conditioned; leave it out"); }

}  // namespace recur
