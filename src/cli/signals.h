// SIGINT and SIGTERM while a training runs: the first asks it to stop, the second ends the program at once.
#pragma once

namespace recur {

class StopSignals {
 public:
  StopSignals();   // from here on signals are caught,
  ~StopSignals();  // until here
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // SIGINT or SIGTERM once one has come, 0 before.
  int received() const;
  const char* name() const;
  int exit_code() const { return 128 + received(); }
};

}  // namespace recur
