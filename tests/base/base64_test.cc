#include "base/base64.h"

#include <gtest/gtest.h>

#include "recur/types/error.h"

namespace recur::base64_test {
namespace {

TEST(Base64, IsThatOfTheStandard) {
  const std::pair<std::string, std::string> known[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : known) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, EveryByteAtEveryPlace) {
  std::string bytes;
  for (int i = 0; i < 4 * 256; ++i) bytes += static_cast<char>(i * 7);
  for (std::size_t cut = 0; cut < 4; ++cut) {
    EXPECT_EQ(from_base64(to_base64(std::string_view(bytes).substr(cut))), bytes.substr(cut));
  }
  EXPECT_EQ(to_base64("\xFB\xEF\xFF"), "++//");
}

TEST(Base64, RefusesAnythingElse) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "=", "==", "====", "Zg==Zg==", "Zm9v\n", "Zm9*", "Zm=v"}) {
    EXPECT_THROW(from_base64(text), Error) << text;
  }
}

}  // namespace
}  // namespace recur::base64_test
