// Which format a data file has.
#pragma once

#include <span>
#include <string_view>

#include "data/source.h"

namespace recur {

// That of the layout unless it is automatic; else by the ending of the file's name, or by how the file begins. Throws
// Error for a file that is compressed as a whole.
DataFormat format_of(const InputFile& file, const SourceLayout& layout, std::span<const FieldRequest> fields);

// Whether the layout or the ending of the file's name tells that it has this format.
bool is_told(const InputFile& file, const SourceLayout& layout, DataFormat format);

// Whether the file has numbers in a field of that name, for a task that takes texts as well: an array of numbers, or a
// list in the first line of JSON.
bool has_numbers(const InputFile& file, const SourceLayout& layout, std::string_view field);
// Whether it is an array, whose columns are other files in its folder.
bool columns_are_files(const InputFile& file, const SourceLayout& layout);
// A field that files may become frames of.
struct FramesPlace {
  std::string_view field;
  bool first = false;     // of the task's fields
  bool pictures = false;  // its files are pictures, else sounds or features
};
// Whether it has paths of such files there: where --columns or the data name the field; and where the first line is
// such a path, by its ending, or has one before its first tab, if the field is the first, or behind its last.
bool has_frames(const InputFile& file, const SourceLayout& layout, const FramesPlace& place);

}  // namespace recur
