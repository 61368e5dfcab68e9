// What stands in the place of picture_file.cc in a program that is built without RECUR_IMAGES.
#include "base/error.h"
#include "data/frames/picture_file.h"
#include "data/frames/picture_writer.h"

namespace recur {

bool has_pictures() { return false; }

namespace {

[[noreturn]] void fail_without_pictures(const std::string& path) {
  fail("{}: this recur was built without pictures; build it with RECUR_IMAGES=ON (libpng, TurboJPEG)", path);
}

}  // namespace

Frames read_picture(const std::string& path, std::size_t /*height*/) { fail_without_pictures(path); }
Frames read_pixels(const std::string& path, const ImageSpec& /*size*/) { fail_without_pictures(path); }
void write_png(const std::string& path, const Picture& /*picture*/) { fail_without_pictures(path); }

}  // namespace recur
