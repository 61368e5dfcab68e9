// The records of a data file, encoded for a task; each task has its own kind.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace recur {

// What happens to a sequence of more than so many tokens.
struct LengthLimit {
  std::size_t most = 10'000;
  bool drop = false;  // the record is left out; else its end is
};

// Which records of a file: all, those to train on, or those held out for validation where no file is given.
enum class RecordPart { all, training, held_out };

struct ReadOptions {
  LengthLimit length;
  bool answers = true;  // records must have what is to be predicted; else it is not looked at
  RecordPart part = RecordPart::all;
  bool keep_text = true;            // what evaluation and prediction need of it, and training does not
  std::vector<bool> held_out = {};  // of each record of the file: which make a part

  // Whether the record of that index in the file is wanted.
  bool wants(std::uint64_t index) const {
    if (part == RecordPart::all) return true;
    const bool held = index < held_out.size() && held_out[static_cast<std::size_t>(index)];
    return held == (part == RecordPart::held_out);
  }
};

struct Records {
  Records() = default;
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  virtual ~Records() = default;

  std::size_t size() const { return lengths.size(); }

  std::string name;                          // of the file
  std::vector<std::uint32_t> lengths;        // of each record's input, in steps
  std::vector<std::uint32_t> other_lengths;  // of what is to be predicted, where that has a length of its own, or empty
  std::uint64_t cut = 0, dropped = 0;        // records over the limit
  // Asked after each batch of a pass over all records with the share that is done: whether to leave the rest out.
  std::function<bool(double done)> enough;
  // Lines of the input that are no record but have a place among the predictions, each before the record of that
  // index: empty lines, which may have white space, and those whose text is empty.
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
[[noreturn]] void fail_all_long(const InputFile& file, const Records& records, const LengthLimit& limit);

using WriteText = std::function<void(std::string_view)>;

// Calls write() with each record's prediction in order, and with an empty line for each empty one.
void write_in_order(const Records& records, const std::vector<std::string>& predictions, const WriteText& write);

}  // namespace recur
