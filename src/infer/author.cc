#include "infer/author.h"

#include <algorithm>

#include "base/error.h"
#include "base/show.h"
#include "data/endless_text_field.h"
#include "infer/line_scores.h"

namespace recur {
namespace {

// What a model without a prompt begins after: the end of a line, if it knows that.
int first_token(const Tokenizer& tokenizer) { return line_end(tokenizer).value_or(0); }

int label_named(const LabelField& field, std::string_view label) {
  constexpr std::size_t kMostListed = 100;
  const std::optional<int> known = field.id(label);
  if (known) return *known;
  const std::string labels = quoted_list(field.names(), kMostListed);
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

Author::Author(const Network& network, std::shared_ptr<const NetworkStepper> stepper, std::string_view label,
               const Generation& options)
    : network_(network), stepper_(std::move(stepper)), options_(options) {
  if (std::ranges::find(options.stops, "") != options.stops.end()) {
    fail("--stop: expected a text, got an empty one; leave it out");
  }
  std::vector<int> never;
  if (const EndlessTextField* text = endless_text(network.fields())) {
    endless_ = &text->tokenizer();
  } else {
    codec_ = &line_field(network)->codec();
    never = {codec_->begin(), *codec_->unknown()};
  }
  const LabelField* labels = network.conditions();
  if (labels == nullptr && !label.empty()) {
    fail("--condition: the model was not trained with --conditioned; leave it out");
  }
  if (labels != nullptr) label_ = label_named(*labels, label);
  sampler_.emplace(options_.sampling, stepper_->outputs());
  tokens_ = WritableTokens::of(options_, stepper_->outputs(), std::move(never), end(),
                               [this](const std::string& token) { return id(token); });
}

Author::Beginning Author::beginning(std::string_view prompt) const {
  if (writes_lines()) {
    // A word comes with the blank before it.
    while (codec_->kind() != TokenizerKind::character && prompt.ends_with(' ')) prompt.remove_suffix(1);
    return {std::string(prompt), begun_text(*codec_, prompt)};
  }
  Beginning begun{std::string(prompt), endless_->encode_prompt(prompt)};
  const bool word = !prompt.empty() && has_words(endless_->kind());
  if (word && !prompt.ends_with('\n') && !prompt.ends_with(' ')) begun.shown += ' ';
  if (begun.tokens.empty()) begun.tokens = {first_token(*endless_)};
  return begun;
}

NetworkStream Author::stream() const {
  if (!label_) return NetworkStream(stepper_);
  NetworkStream stream(stepper_, {}, network_.fed(*label_));
  network_.begin_text(*label_, stream.state());
  return stream;
}

std::optional<int> Author::end() const { return writes_lines() ? std::optional(codec_->end()) : std::nullopt; }

std::string Author::text_of(int before, int token) const {
  return writes_lines() ? codec_->added(before, token) : endless_->decode(token);
}

std::optional<int> Author::id(const std::string& spelling) const {
  const int size = writes_lines() ? codec_->size() : endless_->vocabulary().size();
  // As it is, or else as messages and predict --tokens show it.
  for (const bool shown : {false, true}) {
    for (int id = 0; id < size; ++id) {
      const std::string token = writes_lines() ? codec_->spelling(id) : endless_->vocabulary().token(id);
      if ((shown ? printable(token) : token) == spelling) return id;
    }
  }
  return {};
}

const TextField* line_field(const Network& network) {
  const auto* head = std::get_if<NextTokenSpec>(&network.recipe().head);
  if (head == nullptr || endless_text(network.fields()) != nullptr) return nullptr;
  return &field_as<TextField>(network.fields(), head->field, "generate");
}

void check_writes(const Network& network) {
  if (line_field(network) != nullptr || endless_text(network.fields()) != nullptr) return;
  fail("a model of the task {} writes no texts; expected a language model", network.task());
}

}  // namespace recur
