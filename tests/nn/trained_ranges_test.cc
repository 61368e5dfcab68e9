#include "nn/trained_ranges.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "recur/types/error.h"

namespace recur::trained_ranges_test {
namespace {

// embedding [0, 6), rnn.weight_l0 [6, 10), rnn.weight_l1 [10, 14), output [14, 17).
class TrainedRanges : public testing::Test {
 protected:
  TrainedRanges() {
    parameters.declare("embedding", 3, 2, InitialValues::within(1));
    parameters.declare("rnn.weight_l0", 2, 2, InitialValues::within(1));
    parameters.declare("rnn.weight_l1", 2, 2, InitialValues::within(1));
    parameters.declare("output", 0, 3, InitialValues::within(1));
    parameters.allocate();
  }
  // "6-10*0.5 ..", behind ten steps that did not train them "6-10*0.5@10 ..".
  std::string ranges(const StartOptions& start, std::uint64_t epoch = 0) const {
    std::string text;
    for (const TrainedRange& r : trained_ranges(parameters, 3, start, epoch, 10)) {
      const std::string frozen = r.frozen_steps > 0 ? fmt::format("@{}", r.frozen_steps) : "";
      text += fmt::format("{}-{}*{}{} ", r.begin, r.end, r.factor, frozen);
    }
    return text;
  }
  Parameters parameters;
};

TEST_F(TrainedRanges, AreEmptyWhereAllIsTrained) {
  EXPECT_EQ(ranges({}), "");
  EXPECT_EQ(ranges({.rates_of = "output=1"}), "");
}

TEST_F(TrainedRanges, LeaveOutWhatIsFrozen) {
  EXPECT_EQ(ranges({.freeze_epochs = 2}, 1), "14-17*1 ");
  EXPECT_EQ(ranges({.freeze = "rnn.*"}, 100), "0-6*1 14-17*1 ");
  EXPECT_EQ(ranges({.freeze = "*l0,emb*ing"}), "10-17*1 ");
}

TEST_F(TrainedRanges, ThawLayerByLayer) {
  const StartOptions gradual{.freeze = "embedding=3,*_l0=2,*_l1=1"};
  EXPECT_EQ(ranges(gradual, 0), "14-17*1 ");
  EXPECT_EQ(ranges(gradual, 1), "10-14*1@10 14-17*1 ");
  EXPECT_EQ(ranges(gradual, 2), "6-10*1@20 10-14*1@10 14-17*1 ");
  EXPECT_EQ(ranges(gradual, 4), "0-6*1@30 6-10*1@20 10-14*1@10 14-17*1 ");
  EXPECT_EQ(ranges({.freeze_epochs = 2}, 2), "0-14*1@20 14-17*1 ");
  EXPECT_EQ(ranges({.freeze = "rnn.*=3,*l0=1", .freeze_epochs = 2}, 3), "0-6*1@20 6-14*1@30 14-17*1 ");
}

TEST_F(TrainedRanges, HaveFactorsThatMultiply) {
  EXPECT_EQ(ranges({.rates_of = "rnn.*=0.5,*_l0=0.5,embedding=4"}), "0-6*4 6-10*0.25 10-14*0.5 14-17*1 ");
  EXPECT_EQ(ranges({.freeze = "embedding", .rates_of = "*=2"}), "6-17*2 ");
}

TEST_F(TrainedRanges, RefuseWhatMakesNoSense) {
  const auto message = [&](const StartOptions& start) -> std::string {
    try {
      ranges(start);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(
      message({.freeze = "rnn"}),
      "--freeze: no parameter is called \"rnn\"; the network has embedding, rnn.weight_l0, rnn.weight_l1, output");
  EXPECT_EQ(message({.freeze = "output=0"}),
            "--freeze: expected a pattern, or pattern=N for the first N epochs, got \"output=0\"");
  for (const char* bad : {"output", "output=", "output=0", "output=-1", "output=nan", "output=inf", "output=1e30"}) {
    EXPECT_TRUE(message({.rates_of = bad}).starts_with("--lr-of: expected pattern=factor")) << bad;
  }
  EXPECT_TRUE(message({.freeze = "*"}).starts_with("--freeze: nothing is left to be trained in epoch 1"));
}

}  // namespace
}  // namespace recur::trained_ranges_test
