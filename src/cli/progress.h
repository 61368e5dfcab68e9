// How a training goes, on standard error: on a terminal one live line that is redrawn, and a line that stays for every
// epoch; elsewhere plain lines, one for every epoch and between them one every ten seconds at most.
#pragma once

#include <string>

#include "recur/training.h"

namespace recur {

class ProgressDisplay {
 public:
  ProgressDisplay();
  ~ProgressDisplay();  // takes the live line away
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void report(const TrainingReport& report);

 private:
  void add_to_epoch(const TrainingReport& report);
  void draw(const std::string& line);
  void print(const std::string& line);

  bool live_, colour_;
  double last_line_ = 0;                 // seconds of the report that was last printed
  std::uint64_t predictions_ = 0;        // of the last report
  std::uint64_t epoch_ = 0;              // the epoch that the mean loss is of:
  double epoch_nats_ = 0;                // summed over the predictions
  std::uint64_t epoch_predictions_ = 0;  // seen of it
  bool drawn_ = false;
};

}  // namespace recur
