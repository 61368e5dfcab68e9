// The one exception of recur: a user's mistake, told in one line that names the file, line, tensor or flag,
// says what was expected, and what to do.
//
// A value: it may be copied, kept and passed to other threads.
#pragma once

#include <stdexcept>

namespace recur {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace recur
