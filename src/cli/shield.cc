#include "cli/shield.h"

#include <fmt/format.h>

#include <charconv>

namespace recur {
namespace {

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./";
constexpr char kMark = '_';

}  // namespace

std::string shield(std::string_view value) {
  if (value.empty()) return {kMark};
  std::string shielded;
  for (const char c : value) {
    if (kPlain.find(c) != kPlain.npos) {
      shielded += c;
    } else {
      shielded += fmt::format("{}{:02x}", kMark, static_cast<unsigned char>(c));
    }
  }
  return shielded;
}

std::string unshield(std::string_view shielded) {
  std::string value;
  for (std::size_t i = 0; i < shielded.size(); ++i) {
    if (shielded[i] != kMark) {
      value += shielded[i];
    } else if (i + 2 < shielded.size()) {
      unsigned char byte = 0;
      std::from_chars(shielded.data() + i + 1, shielded.data() + i + 3, byte, 16);
      value += static_cast<char>(byte);
      i += 2;
    }
  }
  return value;
}

std::string shield_argument(std::string_view argument) {
  const std::size_t equals = argument.starts_with("--") ? argument.find('=') : argument.npos;
  if (equals == argument.npos) return shield(argument);
  return shield(argument.substr(0, equals)) + "=" + shield(argument.substr(equals + 1));
}

}  // namespace recur
