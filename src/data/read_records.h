// From data to what a model's fields make of it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/data_format.h"
#include "data/field.h"
#include "data/frames/frames_source.h"
#include "data/records.h"
#include "recur/types/record.h"

namespace recur {

// Where records come from: a file or memory, which must outlive it.
class RecordData {
 public:
  // A file that is a sound or a picture is one record: what is read of it.
  RecordData(const InputFile& file, SourceLayout layout)
      : file_(&file), layout_(std::move(layout)), name_(file.name()) {}
  explicit RecordData(std::span<const Record> records, std::string name = "records")
      : records_(records), name_(std::move(name)) {}

  // Null where they come from memory.
  const InputFile* file() const { return file_; }
  const SourceLayout& layout() const { return layout_; }
  // For messages.
  const std::string& name() const { return name_; }
  // To tell whether it is still what it was.
  std::uint64_t content_hash() const;
  // `frames`: files and samples become frames; else they stay what they are.
  std::unique_ptr<Source> open(std::span<const FieldRequest> fields, const SourceOptions& options,
                               bool frames = true) const;
  // All its records have these cells, in the place of what they say there.
  void give(std::vector<NamedCell> cells) { given_ = std::move(cells); }
  // Whether it has sequences of numbers in this field, and not a text; whether it has paths of what becomes frames, or
  // numbers, there.
  bool has_numbers(const std::string& field) const;
  bool has_frames(const FramesPlace& place) const;
  // Where frames are kept once they were read, for who reads several times; at first nowhere, as where null is.
  void keep_frames(std::shared_ptr<FrameStore> store) { frames_ = std::move(store); }

 private:
  std::unique_ptr<Source> open_as_it_is(std::span<const FieldRequest> fields, const SourceOptions& options) const;

  const InputFile* file_ = nullptr;
  SourceLayout layout_;
  std::span<const Record> records_;
  std::string name_;
  std::vector<NamedCell> given_;
  std::shared_ptr<FrameStore> frames_;
};

// Lets fields learn from the records that are wanted. Throws Error of data that makes no sense.
void learn_fields(const Fields& fields, const RecordData& data, const ReadOptions& options);

// Throws Error naming the file and the line of what is wrong, unless that is one record and such are skipped. There may
// be no records.
std::unique_ptr<Records> read_records(const Fields& fields, const RecordData& data, const ReadOptions& options);

// Throws Error for data that has no records.
[[noreturn]] void fail_without_records(const Fields& fields, const RecordData& data);

// Which records are held out, where no other data is for validation: drawn by the seed, of each label its share where
// records have labels. Texts about the same numbers, or the same picture, stay together where there are 20 of these.
std::vector<bool> draw_held_out(std::span<const FieldRequest> fields, const RecordData& data, std::uint64_t seed);

}  // namespace recur
