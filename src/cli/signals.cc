#include "cli/signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace recur {
namespace {

std::atomic<int> received_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void handle(int signal) {
  if (received_signal.exchange(signal) != 0) ::_exit(128 + signal);
}

void set_handler(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

StopSignals::StopSignals() {
  received_signal = 0;
  set_handler(handle);
}
StopSignals::~StopSignals() { set_handler(SIG_DFL); }

int StopSignals::received() const { return received_signal; }
const char* StopSignals::name() const { return received() == SIGTERM ? "SIGTERM" : "SIGINT"; }

}  // namespace recur
