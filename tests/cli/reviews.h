// A model that tells fine days from grey nights, for the tests of the program.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur {

struct Reviews {
  TempFolder folder;
  std::string model = folder.file("m.safetensors");

  Reviews() {
    std::string data;
    for (int i = 0; i < 40; ++i) data += i % 2 == 0 ? "up\ta fine day\n" : "down\ta grey night\n";
    const std::string path = folder.write("data.tsv", data);
    const ProgramResult trained =
        run_program({"train", "classify", "--data", path, "--valid", path, "--out", model, "--hidden", "8",
                     "--embedding", "8", "--epochs", "10", "--lr", "0.05", "--batch", "4"});
    EXPECT_EQ(trained.code, 0) << trained.err;
  }
};

}  // namespace recur
