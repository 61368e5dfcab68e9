// What stands in the place of picture_file.cc in a program that is built without RECUR_IMAGES.
#include "base/error.h"
#include "data/frames/picture_file.h"

namespace recur {

bool has_pictures() { return false; }

Frames read_picture(const std::string& path, std::size_t /*height*/) {
  fail("{}: this recur was built without pictures; build it with RECUR_IMAGES=ON (libpng)", path);
}

}  // namespace recur
