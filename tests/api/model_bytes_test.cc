// A model of a file's bytes is the model of the file.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

#include "recur/model.h"
#include "support/error_of.h"
#include "support/saved_models.h"

namespace recur::model_bytes_test {
namespace {

TEST(ModelBytes, NeedNotStay) {
  const TempFolder folder;
  for (const SavedTask& task : saved_tasks()) {
    SCOPED_TRACE(task.name);
    save_task(folder, task);
    std::ifstream file(folder.file(task.name), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(error_of([&] { Model::from_bytes(std::as_bytes(std::span(bytes).first(bytes.size() / 2))); }), "");
    const Model model = Model::from_bytes(std::as_bytes(std::span(bytes)));
    std::ranges::fill(bytes, 'x');
    const Model same = Model::load(folder.file(task.name));
    const std::string data = folder.file(task.name + ".data");
    EXPECT_EQ(model.evaluate(data).metrics, same.evaluate(data).metrics);
    EXPECT_EQ(model.describe(), same.describe());
  }
}

}  // namespace
}  // namespace recur::model_bytes_test
