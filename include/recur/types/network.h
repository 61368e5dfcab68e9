// The recurrent part of a network: which cell, how many layers of it, how they are joined, and what keeps them from
// learning by heart. Every option goes with every cell that has a use for it, and with every other option; one that the
// cell has no use for (weight drop without recurrent weights) is refused.
//
// Plain data and functions without state, safe from any thread. Names that to_string() returns live as long as the
// program.
#pragma once

#include <cstddef>
#include <string>

#include "recur/types/choices.h"

namespace recur {

// How a layer's output reaches the next. residual: input plus output (He et al. 2016, Wu et al. 2016), where both have
// the same width; highway: a learned mixture of the two (Srivastava, Greff & Schmidhuber 2015).
enum class Connection { none, residual, highway };
template <>
inline constexpr auto choices<Connection> = std::array{
    Named{Connection::none, "none"}, Named{Connection::residual, "residual"}, Named{Connection::highway, "highway"}};

// How weights start. standard: uniform within 1 / sqrt(hidden), as PyTorch's recurrent layers, or as the cell says;
// glorot: uniform within sqrt(6 / (rows + columns)) of each gate's matrix (Glorot & Bengio 2010), biases zero;
// orthogonal: the same but each gate's recurrent matrix orthogonal (Saxe et al. 2014); identity: the same but each
// gate's recurrent matrix the identity (Le, Jaitly & Hinton 2015).
enum class Initialiser { standard, glorot, orthogonal, identity };
template <>
inline constexpr auto choices<Initialiser> =
    std::array{Named{Initialiser::standard, "standard"}, Named{Initialiser::glorot, "glorot"},
               Named{Initialiser::orthogonal, "orthogonal"}, Named{Initialiser::identity, "identity"}};

// How probabilities over a vocabulary are computed. full: one softmax over all of it; adaptive: frequent tokens and
// clusters of rare ones, which have narrower layers of their own (Grave et al. 2017); sampled: full, but trained
// against a few tokens drawn for each batch (Jean et al. 2015).
enum class Softmax { full, adaptive, sampled };
template <>
inline constexpr auto choices<Softmax> =
    std::array{Named{Softmax::full, "full"}, Named{Softmax::adaptive, "adaptive"}, Named{Softmax::sampled, "sampled"}};

// How a layer looks at a memory at every step. additive: a small network compares the layer's state with each position
// before the step (Bahdanau, Cho & Bengio 2015); dot, general: the state after the step is multiplied with each
// position itself, or with a matrix between them, and what was seen is fed to the next step (Luong, Pham & Manning
// 2015).
enum class Attention { none, additive, dot, general };
template <>
inline constexpr auto choices<Attention> =
    std::array{Named{Attention::none, "none"}, Named{Attention::additive, "additive"}, Named{Attention::dot, "dot"},
               Named{Attention::general, "general"}};

class OptionList;  // recur/types/options.h

struct RecurrentOptions {
  std::string cell = "lstm";
  std::size_t layers = 2;
  std::size_t hidden = 128;
  std::size_t projection = 0;  // width of the output of cells that give it one of its own; 0: as hidden
  std::size_t window = 0;      // how many inputs a cell that looks back over a window of them sees; 0: the cell's own
  std::size_t every = 1;       // each layer but the first reads each such step of the one below (a pyramid)
  bool bidirectional = false;  // a second run from the last step to the first; outputs side by side
  Connection connection = Connection::none;
  bool layer_norm = false;     // of every gate's pre-activation over its units (Ba, Kiros & Hinton 2016)
  bool learned_state = false;  // the states before the first step are parameters, not zero
  float state_clip = 0;        // every state is kept within [-x, x] after each step; 0: not

  // Regularisation: rates are probabilities of what is dropped, only in training.
  float dropout = 0;             // of the inputs of every layer and of the output (Zaremba et al. 2014)
  bool variational = false;      // dropout draws one mask a sequence, not one a step (Gal & Ghahramani 2016)
  float state_dropout = 0;       // of states before they are multiplied, one mask a sequence (Gal & Ghahramani 2016)
  float weight_drop = 0;         // of recurrent weights, once a step of training (Merity et al. 2018)
  float zoneout = 0;             // the output keeps its value of the step before (Krueger et al. 2017)
  float zoneout_cell = 0;        // the other states do
  float activation_penalty = 0;  // times the mean square of the last layer's dropped output (Merity et al. 2017)
  float temporal_penalty = 0;    // times the mean square of its change from step to step, before dropout

  Initialiser initialiser = Initialiser::standard;
  float forget_bias = 0;  // added to where the bias of gates named "forget" starts (Jozefowicz et al. 2015: 1)
  bool operator==(const RecurrentOptions&) const = default;
};

// All but `bidirectional` and `every`, which not every network may have; these; and those of the table that tokens are
// embedded by.
void list_options(OptionList& list, RecurrentOptions& options);
void list_bidirectional(OptionList& list, RecurrentOptions& options);
void list_every(OptionList& list, RecurrentOptions& options);
void list_embedding(OptionList& list, std::size_t& width, float& dropout, const char* help);

}  // namespace recur
