// --log FILE: a line of JSON for every report of a training, written at once.
#pragma once

#include <fstream>
#include <string>

#include "recur/training.h"

namespace recur {

class MetricsLog {
 public:
  // Appends to the file, or replaces it. Throws Error if it cannot be opened, write() if it cannot be written.
  MetricsLog(const std::string& path, bool append);
  void write(const TrainingReport& report);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace recur
