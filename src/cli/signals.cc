#include "cli/signals.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

namespace recur {
namespace {

std::atomic<int> received_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free);

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

void handle(int signal) {
  int none = 0;
  if (!received_signal.compare_exchange_strong(none, signal) && signal != SIGHUP) ::_exit(128 + signal);
}

void set_handler(void (*handler)(int)) {
  struct sigaction action = {}, old = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) {
    sigaction(signal, nullptr, &old);
    if (old.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

}  // namespace

StopSignals::StopSignals() {
  received_signal = 0;
  set_handler(handle);
}
StopSignals::~StopSignals() { set_handler(SIG_DFL); }

int StopSignals::received() const { return received_signal; }
const char* StopSignals::name() const {
  return received() == SIGHUP ? "SIGHUP" : received() == SIGTERM ? "SIGTERM" : "SIGINT";
}

}  // namespace recur
