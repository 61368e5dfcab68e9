// The records of a data file, encoded by the fields of a model.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/line_reader.h"
#include "data/ragged.h"
#include "data/series.h"
#include "recur/types/error.h"

namespace recur {

// What happens to a sequence of more than so many tokens.
struct LengthLimit {
  std::size_t most = 10'000;
  bool drop = false;  // the record is left out; else its end is
};

// Which records of a file: all, those to train on, or those held out for validation where no file is given.
enum class RecordPart { all, training, held_out };

struct ReadOptions {
  LengthLimit length = {};
  bool answers = true;       // records must have what is to be predicted; else it is not looked at
  bool empty_lines = false;  // see SourceOptions
  RecordPart part = RecordPart::all;
  bool keep_text = true;            // what evaluation and prediction need of it, and training does not
  std::vector<bool> held_out = {};  // of each record of the file: which make a part
  double speed = 0;                 // see SourceOptions,
  LineKind lines = LineKind::text;  // and this
  // If there is one: told of each record that is bad, which is left out instead of ending all.
  std::function<void(const Error& problem)> skip_bad = {};
  bool parts = true;        // without answers, of sentences that are too long: else they are cut, as others are
  bool before_bad = false;  // else: those before the first bad one are read, and it ends the reading

  // Whether the record of that index in the file is wanted.
  bool wants(std::uint64_t index) const {
    if (part == RecordPart::all) return true;
    const bool held = index < held_out.size() && held_out[static_cast<std::size_t>(index)];
    return held == (part == RecordPart::held_out);
  }
};

// What all records have in one field; which of these there are depends on the field.
struct Column {
  Ragged<int> ids;                 // tokens; a label is one; a name that the model does not know is -1 - i of `unknown`
  Ragged<std::uint64_t> keys;      // of each of the ids, what it stood for as a number; of texts that keep it
  Ragged<float> numbers;           // [steps, width] of each record
  std::vector<std::string> texts;  // as in the file, if kept
  std::vector<std::string> unknown;
  std::uint64_t missing = 0;  // tokens that the vocabulary lacks

  // Of series: a record is a window into one.
  std::shared_ptr<const std::vector<Series>> series;
  std::vector<SeriesWindow> windows;

  // Of words: which of the file's distinct words each is, these, and ids of their letters.
  Ragged<int> spellings, letters;
  std::vector<std::string> distinct;
  std::unordered_map<std::string, int> place_of;  // in `distinct`
};

struct Records {
  Records() = default;
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  std::size_t size() const { return lengths.size(); }
  // How many there are, of which each has `versions` in a row: the same at several speeds, its own the first.
  std::size_t originals() const { return size() / versions; }

  std::vector<Column> columns;               // of each field
  std::vector<std::uint32_t> lengths;        // of each record's input, in steps
  std::vector<std::uint32_t> other_lengths;  // of what is to be predicted, where that has a length of its own, or empty
  std::uint64_t cut = 0, dropped = 0;        // records over the limit
  std::uint64_t skipped = 0;                 // bad ones
  std::string bad = {};                      // what is wrong with the one that ended the reading
  std::size_t versions = 1;
  std::vector<std::string> notes;  // what there is to say of the data, a line each
  // Lines of the input that are no record but have a place among the predictions, each before the record of that
  // index: empty lines, which may have white space, those whose text is empty, and bad ones that were skipped.
  std::vector<std::size_t> empty_before;

  // Notes an empty line, before the record that comes next.
  void add_empty() { empty_before.push_back(size()); }

  // Applies the limit to a sequence's length: what is left of it, or 0 when its record is to be dropped.
  std::size_t limited(std::size_t length, const LengthLimit& limit) {
    if (length <= limit.most) return length;
    ++(limit.drop ? dropped : cut);
    return limit.drop ? 0 : limit.most;
  }
};

// Throws Error for a file of which all records were dropped.
[[noreturn]] void fail_all_long(const std::string& data, const Records& records, const LengthLimit& limit);

}  // namespace recur
