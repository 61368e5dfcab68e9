// Every option of a layer with every cell, in both directions: the reference against finite differences, the engine
// against the reference, and what is promised to the bit.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/cells.h"
#include "support/differences.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::recurrent_options_test {
namespace {

class RecurrentOptionsOfLayers : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentOptionsOfLayers, every_cell(), cell_test_name);

struct Variant {
  std::string name;
  void (*set)(LayerShape& shape);
  WithNoise noise;
};

// One option at a time, then all that go together.
const std::vector<Variant>& variants() {
  static const std::vector<Variant> all = {
      {"layer normalisation", [](LayerShape& s) { s.layer_norm = true; }, {}},
      {"zoneout", [](LayerShape&) {}, {.keep = true}},
      {"expected zoneout",
       [](LayerShape& s) {
         s.zoneout = 0.25F;
         s.zoneout_cell = 0.125F;
       },
       {}},
      {"masked states", [](LayerShape&) {}, {.mask = true}},
      {"clipping", [](LayerShape& s) { s.state_clip = 0.5F; }, {}},
      {"all",
       [](LayerShape& s) {
         s.layer_norm = true;
         s.state_clip = 0.75F;
       },
       {.keep = true, .mask = true}},
  };
  return all;
}

// Calls visit(shape, noise) for every variant, in both directions, dense and one-hot, where the cell's output can have
// a width of its own also with that.
template <class Visit>
void for_each_variant(const CellInfo& cell, std::size_t input, std::size_t hidden, const Visit& visit) {
  for (const Variant& variant : variants()) {
    for (const bool reverse : {false, true}) {
      for (const bool one_hot : {false, true}) {
        LayerShape shape{&cell, input, hidden, one_hot, reverse};
        shape.output = cell.has_output_width() && one_hot ? hidden / 2 + 2 : 0;
        shape.window = one_hot && input % 2 == 0 ? 2 : 1;
        variant.set(shape);
        SCOPED_TRACE(testing::Message() << variant.name << ", input " << input << ", hidden " << hidden
                                        << (reverse ? ", reverse" : "") << (one_hot ? ", one-hot" : ""));
        visit(shape, variant.noise);
      }
    }
  }
}

TEST_P(RecurrentOptionsOfLayers, ReferenceAgreesWithFiniteDifferences) {
  const Steps steps = Steps::from_lengths(std::vector<std::size_t>{3, 2, 1});
  for_each_variant(cell(), 2, 3, [&](const LayerShape& shape, const WithNoise& noise) {
    check_differences(random_case_off_kinks(shape, steps, 1e-3, noise));
  });
}

TEST_P(RecurrentOptionsOfLayers, EngineAgreesWithReference) {
  const Steps steps = Steps::from_lengths(std::vector<std::size_t>{7, 5, 5, 2, 1});
  for (const auto& [input, hidden] : {std::array<std::size_t, 2>{4, 1}, {5, 17}, {20, 70}}) {
    for_each_variant(cell(), input, hidden, [&](const LayerShape& shape, const WithNoise& noise) {
      // With one unit, layer normalisation leaves nothing of the pre-activation.
      if (shape.layer_norm && shape.hidden == 1) return;
      const LayerCase c = random_case_off_kinks(shape, steps, 1e-5, noise);
      expect_close(run_engine(c), run_reference(c), shape.layer_norm ? 1e-4 : 5e-6);
    });
  }
}

TEST_P(RecurrentOptionsOfLayers, AnyNumberOfThreadsGivesTheSameBits) {
  for_each_variant(cell(), 4, 70, [&](const LayerShape& shape, const WithNoise& noise) {
    for (const Steps& steps : {Steps::rectangle(1, 9), Steps::from_lengths(std::vector<std::size_t>{6, 5, 5, 1})}) {
      const LayerCase c = random_case(shape, steps, 1, noise);
      Results one;
      for (const std::size_t threads : {1, 2, 3, 5}) {
        SCOPED_TRACE(testing::Message() << threads << " threads");
        const WithThreads set(threads);
        if (threads == 1) one = run_engine(c);
        expect_same_bits(run_engine(c), one);
      }
    }
  });
}

}  // namespace
}  // namespace recur::recurrent_options_test
