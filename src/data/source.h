// Records of a data file of any format: each has a cell for every field that a task asks for. In bounded memory: one
// record at a time.
//
//   const FieldRequest fields[] = {{"label", CellKind::label, true}, {"text", CellKind::text}};
//   const auto source = open_source(file, layout, fields, {});
//   while (source->next()) use(std::get<std::string>((*source)[1]));
//
// Formats, and where each has a field unless DataLayout::columns says otherwise:
//   tsv    columns with tabs between, in the order of the fields; the last is the rest of the line, tabs and all. With
//          `columns` every tab separates, and with names in it the first line is a header.
//   csv    RFC 4180, with a header whose names are the fields'; a quoted cell may hold line ends, which become \n.
//   json   an object a line, with the fields' names as keys; text and labels are strings, numbers or booleans, words a
//          list of strings or a text that blanks cut, numbers a list of lists (a list of numbers: of one each), notes
//          a list of lists, of which each has the numbers of those that sound.
//   conll  a word a line, with blanks or tabs between columns, an empty line between sentences: the first field of
//          words is in the first column and the second in the last. CoNLL-U, which shows by its ten columns, has FORM
//          and UPOS; comments, ranges of words and empty nodes are not read.
//   lines  a line is the first field that is no answer.
//   numpy  .npz: an array a field, and perhaps `lengths` of the sequences; .npy: the first field of numbers, with
//          another file for each other field. The first axis is the record; a sequence is [steps, width] or [steps].
//   idx    as .npy (LeCun's MNIST files).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "data/line_reader.h"
#include "data/source_layout.h"
#include "recur/types/recipe.h"

namespace recur {

// labels: any number of names. frames: the path of a file that becomes numbers, or numbers (frames/frame_reader.h);
// arrays have numbers. notes: which notes of MIDI sound, a number for each of the 128 a step, above 0 for those that
// do. number: one.
enum class CellKind { text, label, labels, words, numbers, number, frames, notes };

// A field that a task asks for.
struct FieldRequest {
  std::string name;
  CellKind kind = CellKind::text;
  bool answer = false;                     // is to be predicted
  std::optional<SoundOptions> sound = {};  // of frames: how they are made,
  std::optional<ImageSpec> image = {};     // or how large pictures are
  bool vectors = false;                    // of numbers: a plain list is one vector, not steps of one each
  bool one_step = false;                   // of numbers: exactly one vector, however many steps the others have
  bool several = false;                    // of text: a list of texts is a record for each
  bool pictures = false;                   // of frames with `sound`: those of pictures of lines of text
};

// Whether a number can be in the field: it is finite as a float, or NaN in an answer, which nobody knows.
inline bool takes_number(const FieldRequest& field, double number) {
  return std::isfinite(static_cast<float>(number)) || (field.answer && std::isnan(number));
}

struct SourceOptions {
  // Whether every record must have its answers; else they may be missing, and what there is is not checked.
  bool answers = true;
  // Whether an empty line is a record of which nothing is known (Source::blank()). Without answers it is.
  bool empty_lines = false;
  // Without answers, sentences of CoNLL that have more words come in parts of so many; 0: never.
  std::size_t most_words = 0;
  // Whether reading goes on behind a record that is bad: then none is measured by another, such as by how many numbers
  // the first has in a step. Refused where a file has no place from which to go on.
  bool skip_bad = false;
  // Of lines that have one field: what they are.
  LineKind lines = LineKind::text;
  // Of sounds, above 0: a record is followed by two more versions of it, at 1 - speed and 1 + speed times its speed.
  double speed = 0;

  std::size_t versions() const { return speed > 0 ? 3 : 1; }
  bool takes_empty_lines() const { return empty_lines || !answers; }
};

class Source {
 public:
  virtual ~Source() = default;
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Moves to the next record; false at the end. Throws Error naming the file and the line of what is wrong: BadRecord
  // where that is one record, behind which the next call goes on.
  virtual bool next() = 0;
  // Where this record stands, for messages: "FILE: line N", of its first line; arrays have "record N".
  virtual std::string place() const = 0;
  // Throws BadRecord "FILE: line N: PROBLEM".
  [[noreturn]] void fail(std::string_view problem) const;

  // What this record has in field i of those that were asked for: a string of text and label, strings of labels and
  // words, Numbers; of frames Numbers, or the path of a file, from where the program runs; nothing where an answer is
  // missing. The text of a record may be empty.
  const Cell& operator[](std::size_t i) const { return cells_[i]; }
  // An empty line, or one of white space, of a format of lines, where answers are not asked for: it is no record, but
  // has a place among the predictions.
  bool blank() const { return blank_; }
  // Of lines, and of tsv without `columns`: this record's line as it stands, and whether only the beginning of it was
  // kept (LineReader). Empty in other formats.
  std::string_view line() const { return line_; }
  bool cut() const { return cut_; }
  // What is expected of the data, for messages: "lines of label<TAB>text", "a word and its tag a line".
  const std::string& expected() const { return expected_; }

 protected:
  std::vector<Cell> cells_;
  bool blank_ = false, cut_ = false;
  std::string_view line_;
  std::string expected_;
};

// Throws Error for a layout that does not fit the fields or the file: one that names no field, a column twice, a format
// that has no such fields. The file must outlive the source.
std::unique_ptr<Source> open_source(const InputFile& file, const SourceLayout& layout,
                                    std::span<const FieldRequest> fields, const SourceOptions& options);
// The same of fields that are called as columns of a header, arrays or keys are; `format` is not automatic.
std::unique_ptr<Source> open_named(const InputFile& file, DataFormat format, std::span<const FieldRequest> fields,
                                   const SourceOptions& options);

}  // namespace recur
