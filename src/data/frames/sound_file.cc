#include "data/frames/sound_file.h"

#include <samplerate.h>
#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr std::size_t kFramesAtOnce = 4096;
constexpr int kMostChannels = 1024;

// What libsndfile reads through.
struct OpenFile {
  explicit OpenFile(const std::string& path) : file(path) {}

  InputFile file;
  sf_count_t at = 0;
  std::exception_ptr failure = {};  // of reading: nothing may be thrown through libsndfile
};

SF_VIRTUAL_IO file_calls() {
  SF_VIRTUAL_IO calls{};
  calls.get_filelen = [](void* open) { return static_cast<sf_count_t>(static_cast<OpenFile*>(open)->file.size()); };
  calls.seek = [](sf_count_t offset, int whence, void* open) {
    auto& o = *static_cast<OpenFile*>(open);
    const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? o.at : static_cast<sf_count_t>(o.file.size());
    return o.at = std::max<sf_count_t>(base + offset, 0);
  };
  calls.read = [](void* to, sf_count_t count, void* open) {
    auto& o = *static_cast<OpenFile*>(open);
    std::size_t got = 0;
    try {
      got = o.file.read(static_cast<std::uint64_t>(o.at), {static_cast<char*>(to), static_cast<std::size_t>(count)});
    } catch (...) {
      o.failure = std::current_exception();
    }
    o.at += static_cast<sf_count_t>(got);
    return static_cast<sf_count_t>(got);
  };
  calls.write = [](const void*, sf_count_t, void*) { return sf_count_t{0}; };
  calls.tell = [](void* open) { return static_cast<OpenFile*>(open)->at; };
  return calls;
}

// Throws Error of an Ogg file (RFC 3533) whose last page is not all there: it has 27 bytes, a byte for each of its
// segments that says how long that is, and the segments.
void check_last_page(const InputFile& file) {
  constexpr std::size_t kHeader = 27, kMost = 255;
  const std::uint64_t begin = file.size() - std::min<std::uint64_t>(file.size(), kHeader + kMost + kMost * kMost);
  std::string end(static_cast<std::size_t>(file.size() - begin), '\0');
  end.resize(file.read(begin, end));
  const std::size_t page = end.rfind("OggS");
  if (page == end.npos) return;  // no Ogg, or one with something behind it
  std::string_view rest = std::string_view(end).substr(page);
  const auto byte = [&](std::size_t i) { return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U; };
  const std::size_t segments = byte(kHeader - 1);
  std::size_t said = kHeader + segments;
  for (std::size_t i = 0; i < segments; ++i) said += byte(kHeader + i);
  if (rest.size() < said) fail("{}: is cut off: its last page has {} bytes of {}", file.name(), rest.size(), said);
}

// Throws Error of a WAV or AIFF file that is shorter than its first bytes say, which libsndfile reads as far as it
// goes. What a pipe wrote says that it is about as long as can be said; a last byte that only fills up may be missing.
void check_whole(const InputFile& file) {
  constexpr std::uint32_t kUnknown = 0x7FF00000;
  std::array<char, 8> begin{};
  if (file.read(0, begin) < begin.size()) return;
  const std::string_view kind(begin.data(), 4);
  if (kind == "OggS") return check_last_page(file);
  if (kind != "RIFF" && kind != "FORM") return;
  std::uint32_t said = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<unsigned char>(begin[kind == "RIFF" ? 7 - i : 4 + i]);
    said = said << 8 | byte;
  }
  if (said >= kUnknown || said + begin.size() <= file.size() + 1) return;
  fail("{}: is cut off: {} bytes of {}", file.name(), file.size(), said + begin.size());
}

// Blocks of a file's samples, the channels averaged.
class Samples {
 public:
  explicit Samples(const std::string& path) : open_(path), sound_(nullptr, sf_close) {
    check_whole(open_.file);
    SF_VIRTUAL_IO calls = file_calls();
    sound_.reset(sf_open_virtual(&calls, SFM_READ, &info_, &open_));
    if (!sound_) {
      std::string reason = sf_strerror(nullptr);
      while (reason.ends_with('.') || reason.ends_with('\n')) reason.pop_back();
      fail("{}: expected a sound (WAV, FLAC, Ogg); {}", path, printable(reason));
    }
    if (info_.samplerate < 1 || info_.channels < 1 || info_.channels > kMostChannels) {
      fail("{}: {} channels of {} samples a second; expected at least one of each, and at most {} channels", path,
           info_.channels, info_.samplerate, kMostChannels);
    }
    block_.resize(kFramesAtOnce * static_cast<std::size_t>(info_.channels));
  }

  double rate() const { return info_.samplerate; }
  std::uint64_t count() const { return count_; }  // that were read
  // The next ones; none at the end.
  std::span<float> next() {
    const auto channels = static_cast<std::size_t>(info_.channels);
    const sf_count_t got = sf_readf_float(sound_.get(), block_.data(), kFramesAtOnce);
    if (open_.failure) std::rethrow_exception(open_.failure);
    if (got <= 0 && sf_error(sound_.get()) != SF_ERR_NO_ERROR) {
      fail("{}: broken after sample {}: {}", open_.file.name(), count_, printable(sf_strerror(sound_.get())));
    }
    if (got <= 0) return {};
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i, ++count_) {
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) sum += block_[i * channels + c];
      block_[i] = sum / static_cast<float>(channels);
      if (!std::isfinite(block_[i])) fail("{}: sample {} is not a finite number", open_.file.name(), count_ + 1);
    }
    return {block_.data(), static_cast<std::size_t>(got)};
  }

 private:
  OpenFile open_;
  SF_INFO info_{};
  std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> sound_;
  std::vector<float> block_;  // [frames, channels], then their means
  std::uint64_t count_ = 0;
};

// Adds samples to those of a sound, which has `path` as its name.
void append(const std::string& path, std::size_t rate, std::span<const float> samples, std::vector<float>& to) {
  if (to.size() + samples.size() > kMostSamples) {
    fail("{}: longer than {} samples, {} s at {} a second; cut it into parts", path, with_thousands(kMostSamples),
         kMostSamples / rate, rate);
  }
  to.insert(to.end(), samples.begin(), samples.end());
}

class Resampler {
 public:
  Resampler(const std::string& path, double from, double to)
      : path_(path), ratio_(to / from), state_(nullptr, src_delete) {
    if (src_is_valid_ratio(ratio_) == 0) {
      fail("{}: has {} samples a second; expected from {} to {}, which can become {} (--sample-rate)", path, from,
           std::ceil(to / 256), 256 * to, to);
    }
    int error = 0;
    state_.reset(src_new(SRC_SINC_MEDIUM_QUALITY, 1, &error));
    if (!state_) fail("{}: {}", path, src_strerror(error));
    out_.resize(static_cast<std::size_t>(static_cast<double>(kFramesAtOnce) * ratio_) + 64);
  }

  // Calls use(samples) with what comes of some samples, `last` the last ones.
  template <class Use>
  void add(std::span<const float> in, bool last, const Use& use) {
    SRC_DATA data{};
    data.src_ratio = ratio_;
    data.end_of_input = last ? 1 : 0;
    data.data_out = out_.data();
    data.output_frames = static_cast<long>(out_.size());
    const float nothing = 0;
    data.data_in = in.empty() ? &nothing : in.data();  // a null pointer would not end the sound
    data.input_frames = static_cast<long>(in.size());
    do {
      const int error = src_process(state_.get(), &data);
      if (error != 0) fail("{}: {}", path_, src_strerror(error));
      use(std::span(out_).first(static_cast<std::size_t>(data.output_frames_gen)));
      data.data_in += data.input_frames_used;
      data.input_frames -= data.input_frames_used;
    } while (data.input_frames > 0 || data.output_frames_gen == data.output_frames ||
             (last && data.output_frames_gen > 0));
  }

 private:
  const std::string& path_;
  double ratio_;
  std::unique_ptr<SRC_STATE, SRC_STATE* (*)(SRC_STATE*)> state_;
  std::vector<float> out_;
};

}  // namespace

bool has_sound() { return true; }

std::vector<float> read_sound(const std::string& path, std::size_t rate, double speed) {
  Samples samples(path);
  std::vector<float> all;
  const auto keep = [&](std::span<const float> more) { append(path, rate, more, all); };
  const double from = speed * samples.rate();
  if (from == static_cast<double>(rate)) {
    for (auto block = samples.next(); !block.empty(); block = samples.next()) keep(block);
  } else {
    Resampler resampler(path, from, static_cast<double>(rate));
    for (auto block = samples.next(); !block.empty(); block = samples.next()) resampler.add(block, false, keep);
    resampler.add({}, true, keep);
  }
  if (all.empty() && samples.count() > 0) {
    fail("{}: is too short: nothing is left of its {} samples at {} a second", path, samples.count(), rate);
  }
  if (all.empty()) fail("{}: has no samples; expected a sound", path);
  return all;
}

std::vector<float> at_speed(std::span<const float> samples, double speed) {
  const std::string name = "samples";
  std::vector<float> all;
  const auto keep = [&](std::span<const float> more) { all.insert(all.end(), more.begin(), more.end()); };
  Resampler resampler(name, speed, 1);
  for (; !samples.empty(); samples = samples.subspan(std::min(samples.size(), kFramesAtOnce))) {
    resampler.add(samples.first(std::min(samples.size(), kFramesAtOnce)), false, keep);
  }
  resampler.add({}, true, keep);
  return all;
}

namespace {

// What libsndfile writes into: a file is put in its place whole.
struct Written {
  std::vector<char> bytes;
  std::size_t at = 0;
};

SF_VIRTUAL_IO memory_calls() {
  SF_VIRTUAL_IO calls{};
  calls.get_filelen = [](void* to) { return static_cast<sf_count_t>(static_cast<Written*>(to)->bytes.size()); };
  calls.seek = [](sf_count_t offset, int whence, void* to) {
    auto& w = *static_cast<Written*>(to);
    const std::size_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? w.at : w.bytes.size();
    w.at = static_cast<std::size_t>(static_cast<sf_count_t>(base) + offset);
    return static_cast<sf_count_t>(w.at);
  };
  calls.read = [](void* bytes, sf_count_t count, void* to) {
    auto& w = *static_cast<Written*>(to);
    const std::size_t got = std::min(static_cast<std::size_t>(count), w.bytes.size() - std::min(w.at, w.bytes.size()));
    std::copy_n(w.bytes.data() + w.at, got, static_cast<char*>(bytes));
    w.at += got;
    return static_cast<sf_count_t>(got);
  };
  calls.write = [](const void* bytes, sf_count_t count, void* to) {
    auto& w = *static_cast<Written*>(to);
    const auto size = static_cast<std::size_t>(count);
    w.bytes.resize(std::max(w.bytes.size(), w.at + size));
    std::copy_n(static_cast<const char*>(bytes), size, w.bytes.data() + w.at);
    w.at += size;
    return count;
  };
  calls.tell = [](void* to) { return static_cast<sf_count_t>(static_cast<Written*>(to)->at); };
  return calls;
}

}  // namespace

std::size_t write_sound(const std::string& path, std::span<const float> samples, std::size_t rate) {
  if (!is_writable_sound(path)) fail("{}: expected the name of a .wav or .flac file", path);
  SF_INFO info{};
  info.samplerate = static_cast<int>(rate);
  info.channels = 1;
  info.format = (path.ends_with(".wav") ? SF_FORMAT_WAV : SF_FORMAT_FLAC) | SF_FORMAT_PCM_16;
  Written written;
  SF_VIRTUAL_IO calls = memory_calls();
  SNDFILE* sound = sf_open_virtual(&calls, SFM_WRITE, &info, &written);
  if (sound == nullptr) fail("{}: cannot be written: {}", path, printable(sf_strerror(nullptr)));
  // Rounded here: libsndfile rounds down in some formats.
  constexpr double kLeast = -32768, kMost = 32767;
  std::vector<short> rounded;
  std::size_t clipped = 0;
  for (const float sample : samples) {
    const double nearest = std::nearbyint(static_cast<double>(sample) * 32768);
    if (nearest < kLeast || nearest > kMost + 1) ++clipped;
    rounded.push_back(static_cast<short>(std::clamp(nearest, kLeast, kMost)));
  }
  const auto count = static_cast<sf_count_t>(rounded.size());
  const bool whole = sf_writef_short(sound, rounded.data(), count) == count;
  sf_close(sound);
  if (!whole) fail("{}: cannot be written", path);
  replace_file(path, std::string_view(written.bytes.data(), written.bytes.size()));
  return clipped;
}

}  // namespace recur
