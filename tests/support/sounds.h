// Bytes of sound files and pictures, as tests make them.
#pragma once

#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "data/array_bytes.h"

namespace recur {

struct WavForm {
  std::size_t rate = 16'000, channels = 1;
  std::size_t bits = 16;  // 8 and 16 of whole numbers, 32 of floats
};

// RIFF WAVE of samples as they are to be stored.
inline std::string wav_of_bytes(const std::string& data, const WavForm& form) {
  const std::size_t block = form.channels * form.bits / 8;
  return "RIFF" + number_bytes(36 + data.size(), 4) + "WAVEfmt " + number_bytes(16, 4) +
         number_bytes(form.bits == 32 ? 3 : 1, 2) + number_bytes(form.channels, 2) + number_bytes(form.rate, 4) +
         number_bytes(form.rate * block, 4) + number_bytes(block, 2) + number_bytes(form.bits, 2) + "data" +
         number_bytes(data.size(), 4) + data;
}

// RIFF WAVE of samples between -1 and 1, [frames, channels].
inline std::string wav(const std::vector<float>& samples, const WavForm& form = {}) {
  std::string data;
  for (const float x : samples) {
    if (form.bits == 8) data += number_bytes(static_cast<std::uint64_t>(std::lround(128 + 127 * x)), 1);
    if (form.bits == 16) data += number_bytes(static_cast<std::uint16_t>(std::lround(32767 * x)), 2);
    if (form.bits == 32) data += number_bytes(std::bit_cast<std::uint32_t>(x), 4);
  }
  return wav_of_bytes(data, form);
}

// A sine of some seconds.
inline std::vector<float> tone(double frequency, double seconds, std::size_t rate = 16'000, double loudness = 0.5) {
  std::vector<float> samples;
  for (std::size_t n = 0; n < static_cast<std::size_t>(seconds * static_cast<double>(rate)); ++n) {
    const double turns = frequency * static_cast<double>(n) / static_cast<double>(rate);
    samples.push_back(static_cast<float>(loudness * std::sin(2 * std::numbers::pi * turns)));
  }
  return samples;
}

struct PngForm {
  std::size_t width = 1, height = 1;
  int colour = 0;         // PNG's: 0 grey, 2 colours, 4 grey and alpha, 6 colours and alpha
  std::size_t bytes = 1;  // of a sample
};

// PNG of samples, row after row, as they are to be stored.
inline std::string png(const std::string& samples, const PngForm& form) {
  const auto chunk = [](const std::string& name, const std::string& content) {
    const std::string all = name + content;
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(all.data()), static_cast<uInt>(all.size()));
    return number_bytes(content.size(), 4, true) + all + number_bytes(sum, 4, true);
  };
  std::string rows;
  const std::size_t row = samples.size() / form.height;
  for (std::size_t y = 0; y < form.height; ++y) rows += '\0' + samples.substr(y * row, row);
  std::string packed(compressBound(static_cast<uLong>(rows.size())), '\0');
  uLongf size = static_cast<uLongf>(packed.size());
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
           static_cast<uLong>(rows.size()));
  packed.resize(size);
  const std::string header = number_bytes(form.width, 4, true) + number_bytes(form.height, 4, true) +
                             static_cast<char>(8 * form.bytes) + static_cast<char>(form.colour) + std::string(3, '\0');
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", header) + chunk("IDAT", packed) + chunk("IEND", "");
}

}  // namespace recur
