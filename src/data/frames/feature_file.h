// Frames that another program has computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "data/frames/features.h"
#include "data/frames/sound_file.h"
#include "data/line_reader.h"

namespace recur {

// [steps, width] or [steps] numbers of NumPy's .npy, at most so many. All throw Error naming the file for whatever it
// cannot be, and for numbers that are not finite.
Frames read_npy_frames(const std::string& path, std::uint64_t most = kMostSamples);
// Sphinx's .mfc: a count of numbers of 4 bytes, then so many floats of 4 bytes, in one order of bytes or the other;
// `width` in every frame.
Frames read_sphinx_frames(const std::string& path, std::size_t width);

// Kaldi's text archives: lines "KEY  [" with the rows of a matrix behind them, a line each, up to "]". Each archive is
// looked through once, however many of its matrices are read.
class KaldiArchives {
 public:
  // "FILE.ark:KEY" is that of the key, "FILE.ark" the first.
  Frames read(const std::string& path_and_key);

 private:
  struct Archive {
    std::map<std::string, LineReader::Position, std::less<>> places;  // of the line of each key
    LineReader::Position first;                                       // of any
  };
  const Archive& archive(const std::string& path);

  std::map<std::string, Archive> archives_;
};

}  // namespace recur
