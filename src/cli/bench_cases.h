// What recur bench measures, with the names that other programs' measurements of the same things have (bench/peers).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/model.h"
#include "recur/types/choices.h"
#include "recur/types/steps.h"

namespace recur {

enum class BenchKind { peak, train, infer, stream, ragged, lm };
template <>
inline constexpr auto choices<BenchKind> =
    std::array{Named{BenchKind::peak, "peak"},     Named{BenchKind::train, "train"},   Named{BenchKind::infer, "infer"},
               Named{BenchKind::stream, "stream"}, Named{BenchKind::ragged, "ragged"}, Named{BenchKind::lm, "lm"}};

// Recurrent layers alone, their input as wide as the hidden size.
struct RecurrentCase {
  std::string name;  // "train_lstm_H128_B32_T50_L1": hidden size, batch, steps, layers
  RecurrentOptions network;
  Steps steps;
};

// Of train, infer and stream: the grid. rnn is the Elman cell, gru PyTorch's form.
// Of ragged: sequences of 10 to 100 steps, and a rectangle of as many tokens.
std::vector<RecurrentCase> recurrent_cases(BenchKind kind);
// The same of a network of one's own: a batch of `unroll` steps; stream has one sequence, a step a call; in ragged the
// longest sequence has `unroll` steps, the shortest a tenth.
std::vector<RecurrentCase> recurrent_cases(BenchKind kind, const RecurrentOptions& network, std::size_t batch,
                                           std::size_t unroll);

// So many lengths, longest first, in even distances.
std::vector<std::size_t> even_lengths(std::size_t count, std::size_t shortest, std::size_t longest);

struct LanguageModelCase {
  std::string name;  // "lm_char-onehot_V65_E65_H128_L2_B50_T50_adam": vocabulary and embedding before the others
  LanguageModelOptions network;
  std::size_t vocabulary = 65;
  TrainingOptions training;
};

std::vector<LanguageModelCase> language_model_cases();
LanguageModelCase language_model_case(std::string_view kind, const LanguageModelOptions& network,
                                      std::size_t vocabulary, const TrainingOptions& training);

}  // namespace recur
