// A text that is written piece by piece, of which what comes last is held back until it may be shown: as long as it may
// be the beginning of a text that ends it, or a part of a character.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

class HeldText {
 public:
  // None of the stops is empty.
  HeldText(std::vector<std::string> stops, std::function<void(std::string_view)> write);

  // False when one of the stops has come: what stands before it is then all.
  bool add(std::string_view piece);
  // Writes what is held back, but for a part of a character.
  void flush();

 private:
  void emit(std::size_t count);

  std::vector<std::string> stops_;
  std::function<void(std::string_view)> write_;
  std::string held_;
};

}  // namespace recur
