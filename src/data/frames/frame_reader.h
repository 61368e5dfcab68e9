// Frames of whatever a record names or has: a file, by the ending of its name, or numbers.
//
//   .wav .flac .ogg .oga .opus .aif .aiff .snd   a sound (read_sound())
//   .npy .mfc .ark .ark:KEY                     frames that another program computed (feature_file.h)
//   .png .jpg .jpeg                             a picture: of a line of text (read_picture()), or of whatever there is
//                                               to be seen (read_pixels())
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/frames/feature_file.h"
#include "data/frames/features.h"
#include "data/source.h"

namespace recur {

// Whether a text is the name of such a file, by its ending: of a sound or of features; of a picture; of a sound or a
// picture, which is one record where it is given as data.
bool is_heard_path(std::string_view text);
bool is_picture_path(std::string_view text);
bool is_record_path(std::string_view text);

// One thread at a time uses one.
class FrameReader {
 public:
  // As a field of frames asks for them.
  explicit FrameReader(const FieldRequest& field)
      : options_(field.sound.value_or(SoundOptions())), image_(field.image), lines_(field.pictures) {}

  // The frames of a cell: of the file that a text names; of numbers, which are samples at the model's rate where there
  // is one in a step, and frames otherwise, or rows of a picture. Of a picture of a line these are its columns, of
  // another its rows. With deltas, and normalised where that is of each recording. A sound is heard at so many times
  // its speed. Throws Error of what cannot be read, naming the file, of a file that is of another kind than the
  // field's, and of another speed than 1 for what is no sound.
  Frames read(const Cell& cell, double speed = 1);
  // All but the speed that makes a difference to what read() makes of one file.
  std::string how() const;

 private:
  Frames read_file(const std::string& path, double speed);
  Frames of_numbers(const Numbers& numbers, double speed);
  Frames of_samples(std::span<const float> samples);

  SoundOptions options_;
  std::optional<ImageSpec> image_;
  bool lines_;                              // of text, in pictures
  std::unique_ptr<FeatureMaker> features_;  // once there was a sound
  KaldiArchives archives_;
};

}  // namespace recur
