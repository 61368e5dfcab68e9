// --log FILE: a line of JSON for every report of a training, and for options that change as it resumes, written at
// once.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "recur/types/training.h"

namespace recur {

class MetricsLog {
 public:
  // Appends to the file, or replaces it. Throws Error if it cannot be opened, write() if it cannot be written.
  MetricsLog(const std::string& path, bool append);
  void write(const TrainingReport& report);
  // {"step": 40, "changed": {"lr": {"before": 0.1, "now": 0.01}}}
  void write(std::uint64_t step, const std::vector<ChangedOption>& options);
  // {"step": 500, "label": "jig", "sample": "X:1.."}, the label only where there is one
  void write(std::uint64_t step, const std::string& label, const std::string& sample);

 private:
  void write_line(const std::string& line);

  std::string path_;
  std::ofstream file_;
};

}  // namespace recur
