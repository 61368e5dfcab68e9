// How a training goes, on standard error: on a terminal one live line that is redrawn, and a line that stays for every
// epoch; elsewhere plain lines, one for every epoch and between them one every ten seconds at most.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "recur/types/training.h"

namespace recur {

class ProgressDisplay {
 public:
  // `unit` is what is learnt from, for the speed: "token"; `nats`: the loss is in nats.
  explicit ProgressDisplay(std::string unit = "token", bool nats = true);
  ~ProgressDisplay();  // takes the live line away
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void report(const TrainingReport& report);
  // A line, or several, that stay.
  void print(const std::string& line);

 private:
  void add_to_epoch(const TrainingReport& report);
  void draw(const std::string& line);

  std::string unit_;
  bool nats_, live_, colour_;
  bool drawn_ = false;    // the live line is on the screen
  double last_line_ = 0;  // seconds of the report that was last printed
  // Of the last report, and summed over those of its epoch.
  std::optional<TrainingReport> last_;
  double epoch_nats_ = 0, epoch_seconds_ = 0;
  std::uint64_t epoch_predictions_ = 0;
};

}  // namespace recur
