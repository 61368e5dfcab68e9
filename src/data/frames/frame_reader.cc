#include "data/frames/frame_reader.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/show.h"
#include "data/frames/feature_file.h"
#include "data/frames/picture_file.h"
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

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

const Ending* ending_of(std::string_view path) {
  const std::size_t key = path.rfind(".ark:");
  if (key != path.npos) path = path.substr(0, key + 4);
  const auto ends = [&](const Ending& ending) {
    return path.size() > ending.name.size() &&
           std::ranges::equal(path.substr(path.size() - ending.name.size()), ending.name, {}, lower);
  };
  const auto place = std::ranges::find_if(kEndings, ends);
  return place == kEndings.end() ? nullptr : &*place;
}

[[noreturn]] void fail_no_sound(std::string_view what) {
  fail("--speed-perturbation: only sounds have a speed, got {}; leave it out", what);
}

}  // namespace

bool is_frames_path(std::string_view text) { return ending_of(text) != nullptr; }
bool is_sound_path(std::string_view text) {
  const Ending* ending = ending_of(text);
  return ending != nullptr && ending->kind == FileKind::sound;
}

Frames FrameReader::read(const Cell& cell, double speed) {
  Frames frames;
  if (const auto* path = std::get_if<std::string>(&cell)) {
    frames = read_file(*path, speed);
  } else if (image_) {
    const auto& numbers = std::get<Numbers>(cell);
    return {{numbers.values.begin(), numbers.values.end()}, numbers.width};
  } else {
    const auto& numbers = std::get<Numbers>(cell);
    for (const double x : numbers.values) frames.values.push_back(static_cast<float>(x));
    frames.width = numbers.width;
    const bool samples = numbers.width == 1 && !frames.values.empty();
    if (speed != 1 && !samples) fail_no_sound("frames");
    if (samples) frames = of_samples(speed == 1 ? frames.values : at_speed(frames.values, speed));
  }
  if (image_) return frames;
  if (options_.deltas > 0) frames = with_deltas(frames, options_.deltas);
  if (options_.normalize == Normalize::utterance) normalize(frames);
  return frames;
}

Frames FrameReader::read_file(const std::string& path, double speed) {
  const Ending* ending = ending_of(path);
  if (image_) {
    if (ending != nullptr && ending->kind == FileKind::picture) return read_pixels(path, *image_);
    fail("expected the name of a picture (.png .jpg .jpeg), got {}", quote(path));
  }
  if (ending == nullptr) {
    std::string endings;
    for (const Ending& known : kEndings) endings += (endings.empty() ? "" : " ") + std::string(known.name);
    fail("expected the name of a file with one of the endings {}, got {}", endings, quote(path));
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
      return read_kaldi_frames(path);
    case FileKind::picture:
      break;
  }
  return read_picture(path, options_.height);
}

Frames FrameReader::of_samples(std::span<const float> samples) {
  if (!features_) features_ = std::make_unique<FeatureMaker>(options_);
  return (*features_)(samples);
}

}  // namespace recur
