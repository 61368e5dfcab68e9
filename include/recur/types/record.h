// A record of data: what it has in each of its fields, as it stands in a file or comes from a program.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "recur/types/choices.h"

namespace recur {

// In the place of a number that is to be predicted and that nobody knows; of tags it is an empty one.
inline constexpr double kUnknownNumber = std::numeric_limits<double>::quiet_NaN();

// A sequence of vectors; one vector is a sequence of one step.
struct Numbers {
  std::vector<double> values;  // [steps, width]
  std::size_t width = 1;

  bool operator==(const Numbers&) const = default;
  std::size_t steps() const { return width == 0 ? 0 : values.size() / width; }
};

// What a field holds: nothing; a text, or a label; words, or their tags; numbers.
using Cell = std::variant<std::monostate, std::string, std::vector<std::string>, Numbers>;

struct NamedCell {
  std::string field;
  Cell cell;
};
using Record = std::vector<NamedCell>;

// Where a knob of a device stands.
struct Knob {
  std::string name;
  double value = 0;
};
// From where to where a knob stood in the data that a model learned from.
struct KnobRange {
  std::string name;
  double low = 0, high = 0;
};

// How a data file is written. automatic: by the ending of its name, else by what it looks like; docs/data.md has the
// rules.
enum class DataFormat { automatic, tsv, csv, json, conll, lines, numpy, idx };
template <>
inline constexpr auto choices<DataFormat> = std::array{
    Named{DataFormat::automatic, "auto"}, Named{DataFormat::tsv, "tsv"},     Named{DataFormat::csv, "csv"},
    Named{DataFormat::json, "json"},      Named{DataFormat::conll, "conll"}, Named{DataFormat::lines, "lines"},
    Named{DataFormat::numpy, "numpy"},    Named{DataFormat::idx, "idx"}};

// Where a file has what a task asks for.
struct DataLayout {
  DataFormat format = DataFormat::automatic;
  // field=column with commas between: text=review,label=stars. A column is a number from 1, a name of the header, a key
  // of JSON, a column of CoNLL-U, an array of a .npz, another .npy or IDX file. Empty: each format's own places.
  std::string columns;
};

}  // namespace recur
