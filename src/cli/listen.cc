#include "cli/listen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "recur/listener.h"

namespace recur {
namespace {

// Samples of 16 bits, the lower byte first, as they come.
class RawSound {
 public:
  explicit RawSound(const std::string& path)
      : name_(shown_name(path)), descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail("{}: cannot open: {}", name_, std::strerror(errno));
  }
  ~RawSound() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }
  RawSound(const RawSound&) = delete;
  RawSound& operator=(const RawSound&) = delete;

  // What there is, at least one sample; empty at the end.
  std::span<const float> next() {
    samples_.clear();
    while (samples_.empty()) {
      const ssize_t got = ::read(descriptor_, bytes_.data() + kept_, bytes_.size() - kept_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("{}: cannot read: {}", name_, std::strerror(errno));
      if (got == 0) return {};
      if (!begun_) check_raw({bytes_.data(), static_cast<std::size_t>(got)});
      begun_ = true;
      take(kept_ + static_cast<std::size_t>(got));
    }
    return samples_;
  }

 private:
  // A file that says how it is to be read would be heard as noise.
  void check_raw(std::string_view begin) const {
    for (const std::string_view known : {"RIFF", "FORM", "fLaC", "OggS", "ID3"}) {
      if (!begin.starts_with(known)) continue;
      fail(
          "{}: expected samples alone, 16 bits each; got a file that begins with {}: without --listen it is read as "
          "what it is",
          name_, known);
    }
  }

  void take(std::size_t count) {
    for (std::size_t i = 0; i + 1 < count; i += 2) {
      const auto low = static_cast<unsigned char>(bytes_[i]), high = static_cast<unsigned char>(bytes_[i + 1]);
      samples_.push_back(static_cast<float>(static_cast<std::int16_t>(low | high << 8)) / 32768);
    }
    kept_ = count % 2;
    if (kept_ == 1) bytes_[0] = bytes_[count - 1];
  }

  std::string name_;
  int descriptor_;
  std::array<char, 4096> bytes_{};
  bool begun_ = false;
  std::size_t kept_ = 0;  // bytes of a sample whose other byte has not come
  std::vector<float> samples_;
};

}  // namespace

int listen(const Model& model, const std::string& data) {
  Listener listener(model);
  RawSound sound(data);
  std::chrono::duration<double> busy{0};
  std::size_t samples = 0, label = listener.names().size();
  for (std::span<const float> block = sound.next(); !block.empty(); block = sound.next()) {
    const auto start = std::chrono::steady_clock::now();
    std::string text;
    if (listener.writes()) {
      text = listener.hear(block);
    } else {
      listener.push(block, [&](std::span<const float> outputs) {
        const auto best = static_cast<std::size_t>(std::ranges::max_element(outputs) - outputs.begin());
        if (best != label) text += listener.names()[best] + "\n";
        label = best;
      });
    }
    busy += std::chrono::steady_clock::now() - start;
    samples += block.size();
    if (!text.empty()) write_out(text);
  }
  if (listener.writes()) write_out("\n");
  const double seconds = static_cast<double>(samples) / static_cast<double>(listener.sample_rate());
  say(fmt::format("{:.1f} s of sound; {:.0f} ms behind it at most; {:.4f} s of work a second\n", seconds,
                  1000 * listener.delay_seconds(), seconds > 0 ? busy.count() / seconds : 0));
  return kDone;
}

}  // namespace recur
