#include "data/frames/feature_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/show.h"
#include "data/array_reader.h"
#include "data/white_space.h"

namespace recur {
namespace {

void check(const std::string& path, const Frames& frames) {
  if (frames.values.empty()) fail("{}: has no frames; expected at least one", path);
  const auto wrong = std::ranges::find_if_not(frames.values, [](float x) { return std::isfinite(x); });
  if (wrong == frames.values.end()) return;
  const auto place = static_cast<std::size_t>(wrong - frames.values.begin());
  fail("{}: expected finite numbers, got {} in frame {}, column {}", path, *wrong, place / frames.width + 1,
       place % frames.width + 1);
}

void check_size(const std::string& path, std::uint64_t numbers, std::uint64_t most = kMostSamples) {
  if (numbers > most) {
    fail("{}: {} numbers; expected at most {}: cut it into parts", path, with_thousands(numbers), with_thousands(most));
  }
}

std::uint32_t word_of(const char* bytes, bool big_endian) {
  std::array<char, 4> copy;
  std::memcpy(copy.data(), bytes, copy.size());
  if (big_endian == (std::endian::native == std::endian::little)) std::ranges::reverse(copy);
  return std::bit_cast<std::uint32_t>(copy);
}

// The key of a line of an archive that a matrix begins in.
std::optional<std::string_view> key_of(std::string_view line) {
  const auto blank = [](char c) { return is_blank(static_cast<unsigned char>(c)); };
  const auto begin = std::ranges::find_if_not(line, blank), end = std::find_if(begin, line.end(), blank);
  const auto bracket = std::find_if_not(end, line.end(), blank);
  if (bracket == line.end() || *bracket != '[') return std::nullopt;
  if (bracket + 1 != line.end() && !blank(bracket[1])) return std::nullopt;
  return std::string_view(begin, end);
}

// The rows of an archive's matrix, from the rest of its first line on.
Frames read_matrix(LineReader& lines, std::string_view rest) {
  Frames frames{{}, 0};
  for (bool more = true; more;) {
    std::size_t width = 0;
    for (const std::string& word : cut_at_blanks(rest)) {
      more = word != "]";
      if (!more) break;
      const auto number = parse_number<float>(word);
      if (!number) lines.fail(fmt::format("expected numbers or ], got {}", quote(word)));
      frames.values.push_back(*number);
      ++width;
    }
    if (width > 0 && frames.width == 0) frames.width = width;
    if (width > 0 && width != frames.width) {
      lines.fail(fmt::format("expected {} numbers in every row, got {}", frames.width, width));
    }
    if (frames.values.size() > kMostSamples) lines.fail("a matrix of too many numbers; cut it into parts");
    if (lines.cut()) lines.fail("a line longer than 16 MiB; expected a row of a matrix a line");
    if (more && !lines.next()) lines.fail("expected ] after the rows of a matrix, got the end of the file");
    rest = lines.line();
  }
  frames.width = std::max<std::size_t>(frames.width, 1);
  return frames;
}

}  // namespace

Frames read_npy_frames(const std::string& path, std::uint64_t most) {
  const InputFile file(path);
  ArrayReader array(file);
  if (array.is_text() || array.dimensions() > 2) {
    fail("{}: expected numbers [steps, width], got {}", path,
         array.is_text() ? "texts" : fmt::format("{} axes", array.dimensions()));
  }
  Frames frames{{}, std::max<std::size_t>(array.elements(), 1)};
  if (array.elements() == 0) check(path, frames);
  check_size(path, array.records() > most / array.elements() ? array.records() : array.records() * array.elements(),
             most);
  std::vector<double> row;
  for (std::uint64_t t = 0; t < array.records(); ++t) {
    array.read(row);
    for (const double x : row) frames.values.push_back(static_cast<float>(x));
  }
  check(path, frames);
  return frames;
}

Frames read_sphinx_frames(const std::string& path, std::size_t width) {
  const InputFile file(path);
  check_size(path, file.size() / 4);
  std::vector<char> bytes(static_cast<std::size_t>(file.size()));
  bytes.resize(file.read(0, bytes));
  const std::size_t numbers = bytes.size() < 4 ? 0 : bytes.size() / 4 - 1;
  const bool big = bytes.size() >= 4 && word_of(bytes.data(), true) == numbers;
  const bool little = bytes.size() >= 4 && word_of(bytes.data(), false) == numbers;
  if ((!big && !little) || bytes.size() % 4 != 0) {
    fail("{}: expected a count of numbers and so many floats of 4 bytes, got {} bytes that are none", path,
         bytes.size());
  }
  if (numbers % width != 0) {
    fail("{}: {} numbers are no rows of {}; give their width: --coefficients N", path, numbers, width);
  }
  Frames frames{{}, width};
  for (std::size_t i = 1; i <= numbers; ++i) {
    frames.values.push_back(std::bit_cast<float>(word_of(bytes.data() + 4 * i, big)));
  }
  check(path, frames);
  return frames;
}

const KaldiArchives::Archive& KaldiArchives::archive(const std::string& path) {
  const auto known = archives_.find(path);
  if (known != archives_.end()) return known->second;
  Archive archive;
  const InputFile file(path);
  LineReader lines(file);
  for (LineReader::Position here; lines.next(); here = lines.position()) {
    const auto key = key_of(lines.line());
    if (!key) continue;
    if (archive.places.empty()) archive.first = here;
    archive.places.emplace(*key, here);
  }
  if (archive.places.empty()) fail("{}: expected a text archive of Kaldi: KEY  [, rows of numbers, ]", path);
  return archives_.emplace(path, std::move(archive)).first->second;
}

Frames KaldiArchives::read(const std::string& path_and_key) {
  const std::size_t colon = path_and_key.rfind(".ark:");
  const std::string path = colon == path_and_key.npos ? path_and_key : path_and_key.substr(0, colon + 4);
  const std::string key = colon == path_and_key.npos ? "" : path_and_key.substr(colon + 5);
  const Archive& all = archive(path);
  const auto place = all.places.find(key);
  if (!key.empty() && place == all.places.end()) fail("{}: has no matrix {}", path, quote(key));
  const InputFile file(path);
  LineReader lines(file);
  lines.go_back(key.empty() ? all.first : place->second);
  if (!lines.next() || !key_of(lines.line())) fail("{}: has changed since it was looked through", path);
  const Frames frames = read_matrix(lines, lines.line().substr(lines.line().find('[') + 1));
  check(path_and_key, frames);
  return frames;
}

}  // namespace recur
