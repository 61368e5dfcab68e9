// Sounds at several speeds: what is read of each, and which an epoch has.
#include "data/record_versions.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "data/frames/sound_file.h"
#include "data/read_records.h"
#include "support/sounds.h"
#include "text_file.h"

namespace recur::record_versions_test {
namespace {

// Sounds as samples in memory, the i-th `first` + 10 i frames of 10 ms.
struct Sounds {
  explicit Sounds(std::size_t count, double first = 0.325) {
    const FieldSpec audio{"audio", NumbersSpec{.sound = SoundOptions{.mels = 3, .sample_rate = 4000}}};
    fields.push_back(make_field(audio));
    fields.push_back(make_field({"label", LabelSpec{}, true}));
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<float> x =
          tone(300 + 50 * static_cast<double>(i % 4), first + 0.1 * static_cast<double>(i), 4000);
      records.push_back({{"audio", Numbers{{x.begin(), x.end()}, 1}}, {"label", i % 2 == 0 ? "a" : "b"}});
    }
    learn_fields(fields, RecordData(records), {});
  }
  std::unique_ptr<Records> read(const ReadOptions& options) const {
    return read_records(fields, RecordData(records), options);
  }
  Fields fields;
  std::vector<Record> records;
};

TEST(RecordVersions, AreTheSameSoundSlowerAndFaster) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Sounds sounds(3);
  const auto plain = sounds.read({}), versions = sounds.read({.speed = 0.1});
  EXPECT_EQ(plain->versions, 1U);
  EXPECT_EQ(versions->versions, 3U);
  EXPECT_EQ(versions->originals(), 3U);
  ASSERT_EQ(versions->size(), 9U);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto as_it_is = plain->columns[0].numbers[i], first = versions->columns[0].numbers[3 * i];
    EXPECT_TRUE(std::ranges::equal(as_it_is, first)) << i;
    const double length = plain->lengths[i];
    EXPECT_NEAR(versions->lengths[3 * i + 1], length / 0.9, 2) << i;
    EXPECT_NEAR(versions->lengths[3 * i + 2], length / 1.1, 2) << i;
    for (std::size_t version = 0; version < 3; ++version) {
      EXPECT_EQ(versions->columns[1].ids[3 * i + version].front(), plain->columns[1].ids[i].front());
    }
  }
}

// 31, 41 and 51 frames, of which the second is over the limit only where it is slower.
TEST(RecordVersions, AreKeptOrLeftOutTogether) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Sounds sounds(3);
  const auto cut = sounds.read({.length = {42, false}, .speed = 0.1});
  EXPECT_EQ(cut->cut, 1U);
  EXPECT_EQ(cut->lengths[3], 41U);
  EXPECT_EQ(cut->lengths[4], 42U);
  EXPECT_EQ(cut->lengths[8], 42U);
  const auto dropped = sounds.read({.length = {42, true}, .speed = 0.1});
  EXPECT_EQ(dropped->dropped, 1U);
  ASSERT_EQ(dropped->size(), 6U);
  EXPECT_EQ(dropped->lengths[4], 42U);
}

TEST(RecordVersions, AreOfTheRecordsThatAreWanted) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Sounds sounds(4);
  const auto some = sounds.read({.part = RecordPart::training, .held_out = {false, true, true, false}, .speed = 0.2});
  const auto plain = sounds.read({});
  ASSERT_EQ(some->size(), 6U);
  EXPECT_EQ(some->lengths[0], plain->lengths[0]);
  EXPECT_EQ(some->lengths[3], plain->lengths[3]);
}

TEST(RecordVersions, AreDrawnForEachEpochFromTheSeed) {
  Records records;
  records.versions = 3;
  for (std::uint32_t i = 0; i < 3000; ++i) records.lengths.push_back(i % 7);
  std::vector<std::size_t> all(1000), once, again;
  std::iota(all.begin(), all.end(), std::size_t{0});
  draw_versions(records, all, 5, 2, once);
  draw_versions(records, all, 5, 2, again);
  EXPECT_EQ(once, again);
  std::map<std::size_t, int> drawn;
  std::set<std::size_t> originals;
  for (const std::size_t version : once) {
    ++drawn[version % 3];
    originals.insert(version / 3);
  }
  EXPECT_EQ(originals.size(), 1000U);
  for (std::size_t version = 0; version < 3; ++version) EXPECT_NEAR(drawn[version], 333, 60) << version;
  EXPECT_TRUE(std::ranges::is_sorted(once, std::greater<>(), [&](std::size_t i) { return records.lengths[i]; }));
  draw_versions(records, all, 5, 3, again);
  EXPECT_NE(once, again);
  draw_versions(records, all, 6, 2, again);
  EXPECT_NE(once, again);
  // A record has its own, whoever is beside it.
  const std::size_t some[] = {700, 3};
  draw_versions(records, some, 5, 2, again);
  EXPECT_NE(std::ranges::find(once, again[0]), once.end());
  EXPECT_NE(std::ranges::find(once, again[1]), once.end());
  EXPECT_EQ(of_first_versions({1, 2, 3, 4, 5, 6}, 3), (std::vector<std::uint32_t>{1, 4}));
}

}  // namespace
}  // namespace recur::record_versions_test
