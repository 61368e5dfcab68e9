// A test that needs a pseudo-terminal: it is skipped where none can be had, as in a bare chroot.
#pragma once

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

namespace recur {

inline bool has_pseudo_terminals() {
  int ends[2] = {-1, -1};
  if (::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) != 0) return false;
  for (const int end : ends) ::close(end);
  return true;
}

// `Fixture` is what the test has besides.
template <class Fixture = testing::Test>
class OnTerminal : public Fixture {
 protected:
  void SetUp() override {
    if (!has_pseudo_terminals()) GTEST_SKIP() << "no pseudo-terminal can be had here: is /dev/pts mounted?";
  }
};

}  // namespace recur
