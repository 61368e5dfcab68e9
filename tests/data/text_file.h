// For the tests of text readers: a file that holds given bytes, and the message of an Error.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "recur/types/error.h"

namespace recur {

// Removed with the object.
class TextFile {
 public:
  explicit TextFile(std::string_view text) {
    static int count = 0;
    path_ = testing::TempDir() + "recur_text_" + std::to_string(::getpid()) + "_" + std::to_string(count++);
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TextFile() { std::remove(path_.c_str()); }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace recur
