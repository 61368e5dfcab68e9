// What is in a zip archive, as NumPy's .npz files are: members that stand there as they are or deflated. Archives over
// several disks or of 4 GiB and more (zip64) and members that are encrypted are refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/byte_stream.h"

namespace recur {

struct ZipMember {
  std::string name;
  FilePart part;
};

bool is_zip(std::string_view begin);  // four bytes are enough
bool begins_as_zip(const InputFile& file);

// Throws Error naming the file for an archive that is damaged or has what is not read. Every member lies in the file.
std::vector<ZipMember> read_zip_directory(const InputFile& file);

// The member of that name, with or without the ending .npy; null where there is none.
const ZipMember* find_member(const std::vector<ZipMember>& members, std::string_view name);

}  // namespace recur
