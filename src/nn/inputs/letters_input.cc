#include <fmt/format.h>

#include <algorithm>

#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "nn/inputs/inputs.h"
#include "recur/types/cell.h"

namespace recur {
namespace {

// In both directions, or looking back over a window.
RecurrentOptions letter_network(const LettersSpec& spec, const RecurrentOptions& network) {
  RecurrentOptions o{.cell = spec.cell, .layers = 1, .hidden = spec.hidden};
  o.activation_penalty = network.activation_penalty;
  o.temporal_penalty = network.temporal_penalty;
  o.bidirectional = find_cell(spec.cell).window == 1;
  return o;
}

// The distinct ones of a batch's words, the longest first, and of each word which of them it is.
struct Distinct {
  std::vector<std::size_t> words, rows;

  Distinct(std::span<const int> spellings, const Ragged<int>& letters) : words(spellings.begin(), spellings.end()) {
    const auto longer = [&](std::size_t a, std::size_t b) {
      const std::size_t length_a = letters[a].size(), length_b = letters[b].size();
      return length_a != length_b ? length_a > length_b : a < b;
    };
    std::ranges::sort(words, longer);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    for (const int spelling : spellings) {
      const auto place = std::ranges::lower_bound(words, static_cast<std::size_t>(spelling), longer);
      rows.push_back(static_cast<std::size_t>(place - words.begin()));
    }
  }
};

}  // namespace

LettersInput::LettersInput(const LettersSpec& spec, const Fields& fields, const RecurrentOptions& network,
                           Parameters& parameters, const std::string& prefix)
    : spec_(spec),
      field_(field_named(fields, spec.field, "letters")),
      words_(field_as<WordsField>(fields, spec.field, "letters")) {
  const Parameters::Id first = parameters.declarations().size();
  stack_.emplace(letter_network(spec, network), EmbeddingOptions{spec.embedding},
                 static_cast<std::size_t>(words_.letters().size()), parameters, prefix + "letters.");
  parameters.name_one_hot_rows(first, words_.letters_name());
  if (stack_->embedding()) parameters.name_rows(*stack_->embedding(), words_.letters_name());
}

Sequence LettersInput::read(const Run& all, const Batch& batch) const {
  const Run run = all.child("letters");
  const FieldBatch& words = batch.fields[field_];
  const Distinct& distinct = run.tape.keep(Distinct(words.spellings, words.column->letters));
  FieldBatch letters;
  pack_steps(words.column->letters, distinct.words, letters, letters.ids);
  const FieldBatch& kept = run.tape.keep(std::move(letters));
  const Steps& steps = kept.steps;
  StackState state(stack_->layers().state_layout(), distinct.words.size());
  const StackResult result = stack_->run(run, kept.ids, steps, state);
  stack_->layers().penalise(run, result, steps, 1);
  const Var read = stack_->layers().directions() == 2 ? last_output(run.tape, result.output, steps, width() / 2)
                                                      : max_over_steps(run.tape, result.output, steps);
  return {select_rows(run.tape, read, distinct.rows), {}, &words.steps};
}

std::pair<std::string, std::string> LettersInput::describe() const {
  return {"letters", describe_tokens(fmt::format("{} chars", words_.letters().size()), spec_.embedding)};
}

}  // namespace recur
