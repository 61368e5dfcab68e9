// What went wrong.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "recur/types/error.h"

namespace recur {

// What the Error says that `action` throws, which must be one line; "" where it throws none.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
}

}  // namespace recur
