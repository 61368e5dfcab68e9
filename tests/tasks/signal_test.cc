// Networks that make a signal of another, of several channels.
#include <gtest/gtest.h>

#include "support/records.h"
#include "support/settings.h"

namespace recur::signal_test {
namespace {

struct Echo {
  RecurrentOptions network{.cell = "gru", .layers = 1, .hidden = 3};
  float emphasis = 0;
  std::size_t warm_up = 0;
};

void list_options(OptionList& list, Echo& o) {
  list_options(list, o.network);
  list.real("emphasis", o.emphasis, kShare, "Of high frequencies");
  list.count("warm-up", o.warm_up, {0, 100}, "Steps that are not judged");
}

Recipe recipe(const Echo& o) {
  return {.fields = {{"input", NumbersSpec{}}, {"output", NumbersSpec{}, true}},
          .input = {NumbersInputSpec{"input"}},
          .network = o.network,
          .head = SignalSpec{.field = "output", .input = "input", .emphasis = o.emphasis, .warm_up = o.warm_up}};
}

TEST(Signals, GradientsAreThoseOfTheMean) {
  register_task<Echo>({.name = "echo", .unit = "sample"});
  const WithThreads one(1);
  const std::string data =
      "{\"input\": [[1, 5], [2, 4], [4, 5], [3, 1]], \"output\": [[0, 1], [1, 5], [2, 4], [4, 5]]}\n"
      "{\"input\": [[3, 5], [1, 6]], \"output\": [[0, 1], [3, 5]]}\n";
  for (const float emphasis : {0.0F, 0.5F}) {
    for (const std::size_t warm_up : {0U, 1U}) {
      RecordsCase c(Echo{.emphasis = emphasis, .warm_up = warm_up}, data);
      expect_gradients(c.mean_loss(), c.values(), 1e-3);
    }
  }
}

}  // namespace
}  // namespace recur::signal_test
