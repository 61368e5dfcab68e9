// What `recur train` says of each task on records.
#pragma once

#include <array>
#include <string_view>

#include "recur/task_model.h"

namespace recur {

struct TaskHelp {
  const char* name;  // of its command
  TaskOptions standard;
  const char* unit;  // what the loss is an average over
  const char* description;
  const char* examples;
};

// classify, tag and translate.
const std::array<TaskHelp, 3>& task_helps();

}  // namespace recur
