#include "data/frames/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/error.h"
#include "base/option_json.h"
#include "base/show.h"
#include "data/frames/feature_file.h"
#include "data/frames/picture_file.h"
#include "data/frames/pixels.h"
#include "data/frames/sound_file.h"

namespace recur {
namespace {

enum class FileKind { sound, npy, sphinx, kaldi, picture };
struct Ending {
  std::string_view name;
  FileKind kind;
};
constexpr std::array kEndings = {
    Ending{".wav", FileKind::sound},   Ending{".flac", FileKind::sound},   Ending{".ogg", FileKind::sound},
    Ending{".oga", FileKind::sound},   Ending{".opus", FileKind::sound},   Ending{".aif", FileKind::sound},
    Ending{".aiff", FileKind::sound},  Ending{".snd", FileKind::sound},    Ending{".npy", FileKind::npy},
    Ending{".mfc", FileKind::sphinx},  Ending{".ark", FileKind::kaldi},    Ending{".png", FileKind::picture},
    Ending{".jpg", FileKind::picture}, Ending{".jpeg", FileKind::picture},
};

const Ending* ending_of(std::string_view path) {
  const std::size_t key = path.rfind(".ark:");
  if (key != path.npos) path = path.substr(0, key + 4);
  const auto ends = [&](const Ending& ending) {
    return path.size() > ending.name.size() &&
           std::ranges::equal(path.substr(path.size() - ending.name.size()), ending.name, {}, ascii_lower);
  };
  const auto place = std::ranges::find_if(kEndings, ends);
  return place == kEndings.end() ? nullptr : &*place;
}

[[noreturn]] void fail_no_sound(std::string_view what) {
  fail("--speed-perturbation: only sounds have a speed, got {}; leave it out", what);
}

// Those of pictures, or those of all else.
std::string endings(bool pictures) {
  std::string list;
  for (const Ending& known : kEndings) {
    if ((known.kind == FileKind::picture) == pictures) list += (list.empty() ? "" : " ") + std::string(known.name);
  }
  return list;
}

// Rows of grey from 0 to 1, or to 255 where any is above 1.
Pixels pixels_of(const Numbers& rows) {
  Pixels pixels{rows.steps(), rows.width, 1, {}};
  const auto wrong = std::ranges::find_if(rows.values, [](double x) { return !(x >= 0 && x <= 255); });
  if (wrong != rows.values.end()) {
    fail("expected numbers from 0 for black to 1 for white, or to 255, got {}", *wrong);
  }
  const double white = white_of(rows.values);
  for (const double x : rows.values) pixels.values.push_back(static_cast<float>(x / white));
  return pixels;
}

}  // namespace

bool is_heard_path(std::string_view text) { return ending_of(text) != nullptr && !is_picture_path(text); }
bool is_picture_path(std::string_view text) {
  const Ending* ending = ending_of(text);
  return ending != nullptr && ending->kind == FileKind::picture;
}
bool is_record_path(std::string_view text) {
  const Ending* ending = ending_of(text);
  return is_picture_path(text) || (ending != nullptr && ending->kind == FileKind::sound);
}

Frames FrameReader::read(const Cell& cell, double speed) {
  Frames frames;
  if (const auto* path = std::get_if<std::string>(&cell)) {
    frames = read_file(*path, speed);
  } else {
    frames = of_numbers(std::get<Numbers>(cell), speed);
  }
  if (image_) return frames;
  if (options_.deltas > 0) frames = with_deltas(frames, options_.deltas);
  if (options_.normalize == Normalize::utterance) normalize(frames);
  return frames;
}

std::string FrameReader::how() const {
  // To be raised when the same options make other frames of a file.
  constexpr int kVersion = 1;
  const ImageSpec image = image_.value_or(ImageSpec());
  return fmt::format("{} {} {}x{}x{} {} {}", kVersion, image_.has_value(), image.height, image.width, image.colour,
                     lines_, options_json(options_).dump());
}

Frames FrameReader::of_numbers(const Numbers& numbers, double speed) {
  const bool samples = !image_ && !lines_ && numbers.width == 1 && !numbers.values.empty();
  if (speed != 1 && !samples) fail_no_sound("frames");
  if (lines_ && !numbers.values.empty()) return line_columns(pixels_of(numbers), options_.height, "the picture");
  Frames frames{{numbers.values.begin(), numbers.values.end()}, numbers.width};
  return samples ? of_samples(speed == 1 ? frames.values : at_speed(frames.values, speed)) : frames;
}

Frames FrameReader::read_file(const std::string& path, double speed) {
  const Ending* ending = ending_of(path);
  const bool pictures = image_ || lines_;
  if (ending == nullptr || is_picture_path(path) != pictures) {
    fail("expected the name of {} ({}), got {}{}", pictures ? "a picture" : "a sound or of features", endings(pictures),
         quote(path), ending == nullptr ? "" : "; a model reads pictures, or sounds and features");
  }
  if (speed != 1 && ending->kind != FileKind::sound) fail_no_sound(quote(path));
  switch (ending->kind) {
    case FileKind::sound:
      return of_samples(read_sound(path, options_.sample_rate, speed));
    case FileKind::npy:
      return read_npy_frames(path);
    case FileKind::sphinx:
      return read_sphinx_frames(path, options_.coefficients);
    case FileKind::kaldi:
      return archives_.read(path);
    case FileKind::picture:
      break;
  }
  return image_ ? read_pixels(path, *image_) : read_picture(path, options_.height);
}

Frames FrameReader::of_samples(std::span<const float> samples) {
  if (!features_) features_ = std::make_unique<FeatureMaker>(options_);
  return (*features_)(samples);
}

}  // namespace recur
