// The parts of a network, and all that one part draws, have masks of their own.
#include "nn/run.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "autograd/readout.h"
#include "nn/embedded_stack.h"

namespace recur::run_test {
namespace {

constexpr std::size_t kVocabulary = 40;

// Which rows of an embedding's table reach the output of a network that runs under that name.
std::vector<bool> rows_kept(const std::string& name) {
  Parameters parameters;
  const EmbeddedStack network({.cell = "gru", .layers = 1, .hidden = 4}, {3, 0.5F}, kVocabulary, parameters, "");
  parameters.allocate();
  parameters.initialise(1, std::nullopt);
  std::vector<int> tokens(kVocabulary);
  for (std::size_t i = 0; i < kVocabulary; ++i) tokens[i] = static_cast<int>(i);
  const Steps steps = Steps::rectangle(kVocabulary, 1);
  StackState state(network.layers().state_layout(), kVocabulary);
  const std::vector<float> targets(kVocabulary * 4, 1.0F);
  Tape tape;
  const Run run{tape, parameters, Noise(3, 1)};
  squared_error(tape, network.run(name.empty() ? run : run.child(name), tokens, steps, state).output, targets, 1);
  tape.backward();
  const float* gradient = run[*network.embedding()].gradient;
  std::vector<bool> kept;
  for (std::size_t i = 0; i < kVocabulary; ++i) kept.push_back(gradient[i * 3] != 0);
  return kept;
}

TEST(Run, PartsOfDifferentNamesShareNoMasks) {
  const std::vector<std::string> parts = {"", "encoder", "decoder", "letters"};
  std::set<std::vector<bool>> different;
  for (const std::string& part : parts) different.insert(rows_kept(part));
  EXPECT_EQ(different.size(), parts.size());
  EXPECT_EQ(rows_kept("decoder"), rows_kept("decoder"));
}

TEST(Run, LayersDirectionsAndStatesShareNoMasks) {
  Parameters parameters;
  const RecurrentStack stack({.cell = "lstm",
                              .layers = 3,
                              .hidden = 16,
                              .bidirectional = true,
                              .state_dropout = 0.5F,
                              .zoneout = 0.5F,
                              .zoneout_cell = 0.5F},
                             2, false, parameters, "");
  parameters.allocate();
  const Steps steps = Steps::rectangle(4, 1);
  Tape tape;
  std::set<std::vector<bool>> different;
  std::size_t count = 0;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const LayerNoise noise = stack.draw_noise({tape, parameters, Noise(3, 1)}, steps, layer, direction);
      // Of h and c whether zoneout keeps them, of h what the products read.
      for (const float* mask : {noise.keep[0], noise.keep[1], noise.mask[0]}) {
        ASSERT_NE(mask, nullptr);
        std::vector<bool> nonzero;
        for (std::size_t i = 0; i < 4 * 16; ++i) nonzero.push_back(mask[i] != 0);
        different.insert(nonzero);
        ++count;
      }
    }
  }
  EXPECT_EQ(different.size(), count);
}

}  // namespace
}  // namespace recur::run_test
