// Networks that write about pictures: no layers stand between what is read and the decoder.
#include <gtest/gtest.h>

#include "recur/types/error.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::caption_test {
namespace {

CaptionOptions small(Attention attention = Attention::none) {
  CaptionOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3};
  o.size = 2;
  o.text.words.min_count = 0;
  o.embedding = 2;
  o.attention = attention;
  o.convolutions = 2;
  o.channels = 2;
  o.height = 5;
  o.width = 4;
  o.measure = OutputMeasure::loss;
  return o;
}

constexpr const char* kVectors =
    "{\"vector\": [0.5, 1, -2], \"texts\": [\"a dog runs\", \"a dog\"]}\n"
    "{\"vector\": [1, -1, 0.3], \"texts\": [\"two men\"]}\n";
constexpr const char* kMaps =
    "{\"vector\": [[0.5, 1, -2], [1, 2, 3], [-1, 0, 1]], \"texts\": [\"a dog runs\", \"a dog\"]}\n"
    "{\"vector\": [[1, -1, 0.3]], \"texts\": [\"two men\"]}\n";

TEST(Captions, OfVectorsHaveGradientsThatAgreeWithDifferences) {
  const WithThreads one(1);
  RecordsCase c(small(), kVectors);
  EXPECT_EQ(c.records->size(), 3U);
  expect_gradients(c.mean_loss(), c.values(), 1e-3);
}

TEST(Captions, OfMapsHaveGradientsThatAgreeWithDifferences) {
  const WithThreads one(1);
  for (const Attention attention : {Attention::none, Attention::additive, Attention::general}) {
    RecordsCase c(small(attention), kMaps);
    expect_gradients(c.mean_loss(), c.values(), 1e-3);
  }
}

// Pictures of 5 x 4 pixels in colour.
std::string pictures() {
  std::string lines;
  for (int picture = 0; picture < 2; ++picture) {
    std::string rows;
    for (int y = 0; y < 5; ++y) {
      std::string row;
      for (int i = 0; i < 12; ++i)
        row += (i == 0 ? "" : ",") + std::to_string((7 * y + 5 * i + 11 * picture) % 13 / 13.0);
      rows += (y == 0 ? "[" : ",[") + row + "]";
    }
    lines += "{\"image\": [" + rows + "], \"texts\": [\"a dog runs\", \"a " + (picture == 0 ? "dog" : "man") + "\"]}\n";
  }
  return lines;
}

TEST(Captions, OfPicturesHaveGradientsThatAgreeWithDifferences) {
  const WithThreads one(1);
  for (const Attention attention : {Attention::none, Attention::additive}) {
    RecordsCase c(small(attention), pictures(), 0.7F, 9);  // none of it near the corner of what is positive
    const Encoding seen = [&] {
      static Tape tape(false);
      const std::vector<std::size_t> which = {0, 2};
      return c.network->encode({tape, c.network->parameters(), Noise::silent()},
                               make_batch(c.network->fields(), *c.records, which));
    }();
    EXPECT_EQ(seen.steps->length(), 2U * 1U);  // 5 x 4 halved twice
    expect_gradients(c.mean_loss(), c.values(), 1e-3, 1, 0x1p-9F);
  }
}

// Without layers the first states are made of the mean over places.
TEST(Captions, OrderOfPlacesIsNothing) {
  const WithThreads one(1);
  const RecordsCase c(small(Attention::additive), kMaps);
  const RecordsCase other(
      small(Attention::additive),
      "{\"vector\": [[-1, 0, 1], [0.5, 1, -2], [1, 2, 3]], \"texts\": [\"a dog runs\", \"a dog\"]}\n"
      "{\"vector\": [[1, -1, 0.3]], \"texts\": [\"two men\"]}\n");
  EXPECT_NEAR(c.loss(c.batch).nats, other.loss(other.batch).nats, 1e-5);
}

TEST(Captions, ABatchLosesWhatItsRecordsLoseAlone) {
  const WithThreads one(1);
  for (const char* data : {kVectors, kMaps}) {
    const RecordsCase c(small(Attention::additive), data);
    double alone = 0;
    for (const std::size_t record : c.batch) alone += c.loss({record}).nats;
    EXPECT_NEAR(c.loss(c.batch).nats, alone, 1e-5);
  }
}

}  // namespace
}  // namespace recur::caption_test
