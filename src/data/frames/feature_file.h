// Frames that another program has computed.
#pragma once

#include <cstddef>
#include <string>

#include "data/frames/features.h"

namespace recur {

// [steps, width] or [steps] numbers of NumPy's .npy. All throw Error naming the file for whatever it cannot be, and for
// numbers that are not finite.
Frames read_npy_frames(const std::string& path);
// Sphinx's .mfc: a count of numbers of 4 bytes, then so many floats of 4 bytes, in one order of bytes or the other;
// `width` in every frame.
Frames read_sphinx_frames(const std::string& path, std::size_t width);
// A matrix of one of Kaldi's text archives: "FILE.ark:KEY" is that of a line "KEY  [", whose rows follow a line each,
// up to "]"; "FILE.ark" its first.
Frames read_kaldi_frames(const std::string& path_and_key);

}  // namespace recur
