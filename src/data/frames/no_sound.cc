// What stands in the place of sound_file.cc and spectrum.cc in a program that is built without RECUR_AUDIO.
#include "base/error.h"
#include "data/frames/sound_file.h"
#include "data/frames/spectrum.h"

namespace recur {
namespace {

[[noreturn]] void fail_without_sound() {
  fail("this recur was built without sound; build it with RECUR_AUDIO=ON (libsndfile, libsamplerate and KissFFT)");
}

}  // namespace

bool has_sound() { return false; }

std::vector<float> read_sound(const std::string& /*path*/, std::size_t /*rate*/, double /*speed*/) {
  fail_without_sound();
}

std::vector<float> at_speed(std::span<const float> /*samples*/, double /*speed*/) { fail_without_sound(); }

std::size_t write_sound(const std::string& /*path*/, std::span<const float> /*samples*/, std::size_t /*rate*/) {
  fail_without_sound();
}

struct Spectrum::Plan {};
Spectrum::Spectrum(std::size_t /*size*/) { fail_without_sound(); }
Spectrum::~Spectrum() = default;
void Spectrum::power(std::span<const float> /*samples*/, std::span<float> /*powers*/) { fail_without_sound(); }

}  // namespace recur
