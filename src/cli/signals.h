// SIGINT, SIGTERM and SIGHUP while a training runs: the first asks it to stop. A second SIGINT or SIGTERM ends the
// program at once; SIGHUP does not, because shell and kernel may both send one when a terminal is closed. What was
// ignored when the program began stays ignored (nohup).
#pragma once

namespace recur {

class StopSignals {
 public:
  StopSignals();   // from here on signals are caught,
  ~StopSignals();  // until here
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // The first that has come, 0 before.
  int received() const;
  const char* name() const;
  int exit_code() const { return 128 + received(); }
};

}  // namespace recur
