// Records that name files: where these are looked for, and what is said of those that cannot be read.
#include "data/frames/frames_source.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "../text_file.h"
#include "base/temp_folder.h"
#include "data/data_format.h"
#include "data/frames/sound_file.h"
#include "data/read_records.h"
#include "support/error_of.h"
#include "support/sounds.h"

namespace recur::frames_source_test {
namespace {

const std::string kThree = npy("<f4", "(3, 2)", std::string(24, '\0'));
const std::string kOne = npy("<f4", "(1, 2)", std::string(8, '\0'));

struct FramesOfRecords : testing::Test {
  FramesOfRecords() {
    std::filesystem::create_directory(folder.file("sub"));
    folder.write("three.npy", kThree);
    folder.write("sub/one.npy", kOne);
  }
  // "label:steps", or what is wrong, without the folder.
  std::string records(const std::string& name, const std::string& manifest, const DataLayout& layout = {},
                      bool answers = true) const {
    const InputFile file(folder.write(name, manifest));
    std::string got;
    std::string message = error_of([&] {
      const auto source = RecordData(file, layout).open(fields, {answers});
      while (source->next()) {
        const auto* label = std::get_if<std::string>(&(*source)[0]);
        got += fmt::format("{}:{} ", label == nullptr ? "" : *label, std::get<Numbers>((*source)[1]).steps());
      }
    });
    for (std::size_t at = 0; (at = message.find(folder.path() + "/")) != message.npos;) {
      message.erase(at, folder.path().size() + 1);
    }
    return message.empty() ? got : message;
  }

  TempFolder folder;
  std::vector<FieldRequest> fields = {{"label", CellKind::label, true},
                                      {"audio", CellKind::frames, false, SoundOptions()}};
};

TEST_F(FramesOfRecords, AreOfFilesBesideTheManifest) {
  EXPECT_EQ(records("m.tsv", "a\tthree.npy\nb\tsub/one.npy\n"), "a:3 b:1 ");
  EXPECT_EQ(records("m.tsv", "a\t" + folder.file("three.npy") + "\n"), "a:3 ");
  EXPECT_EQ(records("sub/m.tsv", "a\t../three.npy\nb\tone.npy\n"), "a:3 b:1 ");
  EXPECT_EQ(records("m.tsv", "three.npy\ta\n", {.columns = "audio=1,label=2"}), "a:3 ");
  EXPECT_EQ(records("m.csv", "audio,label\nthree.npy,a\n"), "a:3 ");
  EXPECT_EQ(records("m.jsonl", "{\"audio\": \"three.npy\", \"label\": 5}\n{\"audio\": [[1, 2]], \"label\": 6}\n"),
            "5:3 6:1 ");
  EXPECT_EQ(records("m.txt", "three.npy\nsub/one.npy\n", {}, false), ":3 :1 ");
}

TEST_F(FramesOfRecords, OfManyFilesAreInOrder) {
  std::string manifest, wanted;
  for (int i = 0; i < 100; ++i) {
    manifest += fmt::format("{}\t{}\n", i, i % 3 == 0 ? "three.npy" : "sub/one.npy");
    wanted += fmt::format("{}:{} ", i, i % 3 == 0 ? 3 : 1);
  }
  EXPECT_EQ(records("m.tsv", manifest), wanted);
}

TEST_F(FramesOfRecords, ThatCannotBeReadAreNamedWithTheirLine) {
  EXPECT_EQ(records("m.tsv", "a\tthree.npy\nb\tmissing.npy\n"),
            "m.tsv: line 2: missing.npy: cannot open: No such file or directory");
  EXPECT_EQ(records("m.tsv", "a\tthree.npy\nb\tthree.txt\n"),
            "m.tsv: line 2: expected the name of a sound or of features (.wav .flac .ogg .oga .opus .aif .aiff .snd "
            ".npy .mfc "
            ".ark), got \"three.txt\"");
  folder.write("bad.npy", "no array");
  EXPECT_TRUE(records("m.tsv", "a\tbad.npy\n").starts_with("m.tsv: line 1: bad.npy: "))
      << records("m.tsv", "a\tbad.npy\n");
  EXPECT_EQ(records("m.jsonl", "{\"audio\": \"x\\u0000.npy\", \"label\": 1}\n"),
            "m.jsonl: line 1: expected \"audio\" to be a path, got a NUL character");
}

TEST_F(FramesOfRecords, AreFoundByTheDataOrItsColumns) {
  const auto found = [&](const std::string& name, const std::string& text, const std::string& columns = "",
                         bool first = false, bool pictures = false) {
    return has_frames(InputFile(folder.write(name, text)), DataLayout{.columns = columns}, {"audio", first, pictures});
  };
  EXPECT_TRUE(found("m.tsv", "a\tx.wav\n"));
  EXPECT_TRUE(found("m.tsv", "\nx.FLAC\n"));
  EXPECT_TRUE(found("m.tsv", "a\tfeats.ark:key\n"));
  EXPECT_TRUE(found("m.tsv", "x.wav\ta\n", "audio=1,label=2"));
  EXPECT_TRUE(found("m.jsonl", "{\"audio\": \"x\"}\n"));
  EXPECT_TRUE(found("m.csv", "label,audio\na,b\n"));
  EXPECT_FALSE(found("m.tsv", "a\tlisten to x.wav\n"));
  EXPECT_FALSE(found("m.tsv", "a\tlisten to y.npy\n"));
  folder.write("listen to y.npy", kThree);
  EXPECT_TRUE(found("m.tsv", "a\tlisten to y.npy\n"));
  EXPECT_FALSE(found("m.tsv", "x.wav\ta\n"));
  EXPECT_TRUE(found("m.tsv", "x.wav\ta\n", "", true));
  EXPECT_FALSE(found("m.tsv", "a\tx.wav\n", "", true));
  EXPECT_FALSE(found("m.jsonl", "{\"text\": \"x.wav\"}\n"));
  EXPECT_FALSE(found("m.csv", "label,text\na,x.wav\n"));
  EXPECT_FALSE(found("m.tsv", ""));
  EXPECT_FALSE(found("m.npy", kThree));
  EXPECT_TRUE(found("m.tsv", "a\tx.png\n", "", false, true));
  EXPECT_TRUE(found("m.tsv", "x.JPG\ta\n", "", true, true));
  EXPECT_FALSE(found("m.tsv", "a\tx.png\n"));
  EXPECT_FALSE(found("m.tsv", "a\tx.wav\n", "", false, true));
}

TEST_F(FramesOfRecords, FromMemoryAreSamplesOrFrames) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const std::vector<float> sound = tone(440, 0.1);
  const std::vector<Record> of_memory = {{{"audio", Numbers{{sound.begin(), sound.end()}, 1}}},
                                         {{"audio", Numbers{{1, 2, 3, 4}, 2}}}};
  const RecordData data(of_memory);
  EXPECT_TRUE(data.has_frames({"audio"}));
  const std::vector<FieldRequest> audio = {{"audio", CellKind::frames, false, SoundOptions()}};
  const auto source = data.open(audio, {});
  ASSERT_TRUE(source->next());
  EXPECT_EQ(std::get<Numbers>((*source)[0]).steps(), 8U);  // 1600 samples: 1 + (1600 - 400) / 160
  EXPECT_EQ(std::get<Numbers>((*source)[0]).width, 40U);
  ASSERT_TRUE(source->next());
  EXPECT_EQ(std::get<Numbers>((*source)[0]).values, (std::vector<double>{1, 2, 3, 4}));
}

TEST(FramesOfMemory, ArePicturesOfLines) {
  const std::vector<Record> of_memory = {{{"image", Numbers{{0, 1, 1, 0.5, 1, 0}, 3}}},
                                         {{"image", Numbers{{0, 255, 255, 0, 0, 255, 255, 0}, 4}}},
                                         {{"image", Numbers{{0, 0.5, 1}, 1}}},
                                         {{"image", Numbers{{-1, 0}, 2}}}};
  const RecordData data(of_memory);
  FieldRequest image{"image", CellKind::frames, false, SoundOptions{.height = 2}};
  image.pictures = true;
  const auto source = data.open(std::span(&image, 1), {});
  const auto next = [&] {
    EXPECT_TRUE(source->next());
    return std::get<Numbers>((*source)[0]);
  };
  EXPECT_EQ(next(), (Numbers{{1, 0.5, 0, 0, 0, 1}, 2}));
  EXPECT_EQ(next(), (Numbers{{1, 1, 0, 0, 0, 0, 1, 1}, 2}));
  const Numbers column = next();  // three rows become two, a column stays one
  EXPECT_EQ(column.steps(), 1U);
  EXPECT_NEAR(column.values[0], 1 - 0.5 / 3, 1e-6);
  EXPECT_NEAR(column.values[1], 0.5 / 3, 1e-6);
  EXPECT_EQ(error_of([&] { source->next(); }),
            "record 3: expected numbers from 0 for black to 1 for white, or to 255, got -1");
}

TEST(FrameStore, KeepsWhatFitsOfWhatIsReadAgain) {
  FrameStore store("", 3 * sizeof(float));
  store.keep({"once", "", 0.9}, std::make_shared<const Frames>(Frames{{1, 2}, 1}));
  store.keep({"a", "how"}, std::make_shared<const Frames>(Frames{{1, 2}, 1}));
  store.keep({"b", "how"}, std::make_shared<const Frames>(Frames{{1, 2}, 1}));
  ASSERT_NE(store.find({"a", "how"}), nullptr);
  EXPECT_EQ(store.find({"a", "how"})->values.size(), 2U);
  EXPECT_EQ(store.find({"b", "how"}), nullptr);
  EXPECT_EQ(store.find({"a", "otherwise"}), nullptr);
  EXPECT_EQ(store.find({"once", "", 0.9}), nullptr);
}

}  // namespace
}  // namespace recur::frames_source_test
