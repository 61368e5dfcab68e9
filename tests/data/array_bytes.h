// For the tests of arrays: the bytes of .npy, .npz and IDX files.
#pragma once

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recur {

// The number in so many bytes.
inline std::string number_bytes(std::uint64_t number, std::size_t size, bool big_endian = false) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  if (big_endian) std::ranges::reverse(bytes);
  return bytes;
}

// Each element as it lies in memory.
template <class T>
std::string element_bytes(const std::vector<T>& elements, bool big_endian = false) {
  std::string bytes;
  for (const T element : elements) {
    std::string one(sizeof(T), '\0');
    std::memcpy(one.data(), &element, sizeof(T));
    if (big_endian) std::ranges::reverse(one);
    bytes += one;
  }
  return bytes;
}

// With any text as the dictionary.
inline std::string npy_with(const std::string& dictionary, const std::string& elements, int version = 1) {
  return std::string("\x93NUMPY") + static_cast<char>(version) + '\0' +
         number_bytes(dictionary.size(), version == 1 ? 2 : 4) + dictionary + elements;
}

inline std::string npy(const std::string& descr, const std::string& shape, const std::string& elements,
                       int version = 1) {
  return npy_with(fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}   \n", descr, shape), elements,
                  version);
}

inline std::string idx(char type, const std::vector<std::uint64_t>& shape, const std::string& elements) {
  std::string bytes{'\0', '\0', type, static_cast<char>(shape.size())};
  for (const std::uint64_t axis : shape) bytes += number_bytes(axis, 4, true);
  return bytes + elements;
}

// What zlib makes of it, without a header of its own.
inline std::string deflated(const std::string& content) {
  std::string packed(content.size() + 100, '\0');
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  z.avail_in = static_cast<uInt>(content.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  deflate(&z, Z_FINISH);
  packed.resize(z.total_out);
  deflateEnd(&z);
  return packed;
}

// A zip archive as numpy.savez and numpy.savez_compressed write it: in the members' own headers the sizes are missing.
inline std::string npz(const std::vector<std::pair<std::string, std::string>>& arrays, bool compressed = false) {
  std::string members, directory;
  for (const auto& [name, content] : arrays) {
    const std::string file = name + ".npy", packed = compressed ? deflated(content) : content;
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    const std::string common = number_bytes(0, 2) + number_bytes(compressed ? 8 : 0, 2) + number_bytes(0, 4);
    const std::size_t begin = members.size();
    members += "PK\x03\x04" + number_bytes(45, 2) + common + number_bytes(sum, 4) + number_bytes(0xFFFFFFFF, 4) +
               number_bytes(0xFFFFFFFF, 4) + number_bytes(file.size(), 2) + number_bytes(4, 2) + file +
               number_bytes(1, 4) + packed;
    directory += "PK\x01\x02" + number_bytes(45, 2) + number_bytes(45, 2) + common + number_bytes(sum, 4) +
                 number_bytes(packed.size(), 4) + number_bytes(content.size(), 4) + number_bytes(file.size(), 2) +
                 std::string(12, 0) + number_bytes(begin, 4) + file;
  }
  return members + directory + "PK\x05\x06" + number_bytes(0, 4) + number_bytes(arrays.size(), 2) +
         number_bytes(arrays.size(), 2) + number_bytes(directory.size(), 4) + number_bytes(members.size(), 4) +
         number_bytes(0, 2);
}

}  // namespace recur
