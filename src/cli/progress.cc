#include "cli/progress.h"

#include <fmt/format.h>

#include <vector>

#include "base/show.h"
#include "cli/terminal.h"

namespace recur {
namespace {

constexpr double kSecondsBetweenLines = 10;

// The parts that fit, the first in any case.
std::string fit(const std::vector<std::string>& parts, std::size_t width) {
  std::string line;
  for (const std::string& part : parts) {
    if (!line.empty() && line.size() + 2 + part.size() > width) break;
    line += (line.empty() ? "" : "  ") + part;
  }
  return line;
}

std::string speed(double per_second, const std::string& unit) {
  return fmt::format("{} {}s/s", with_thousands(static_cast<std::uint64_t>(per_second)), unit);
}

std::string epoch_of(const TrainingReport& r) { return fmt::format("epoch {}/{}", r.epoch, r.epochs); }

}  // namespace

ProgressDisplay::ProgressDisplay(std::string unit, bool nats)
    : unit_(std::move(unit)), nats_(nats), live_(error_is_terminal()), colour_(error_has_colour()) {}

ProgressDisplay::~ProgressDisplay() {
  if (drawn_) say("\r\x1b[K");
}

void ProgressDisplay::report(const TrainingReport& r) {
  add_to_epoch(r);
  if (r.valid_loss) {
    const bool summed = epoch_predictions_ > 0;
    const auto predictions = static_cast<double>(epoch_predictions_);
    const char* best = !r.best ? "" : colour_ ? "  \x1b[32mbest so far\x1b[0m" : "  best so far";
    const std::string measure = r.measure == nullptr ? "" : fmt::format("  {} {:.4f}", r.measure, r.valid_measure);
    const double train = summed ? epoch_nats_ / predictions : r.train_loss;
    const std::string losses = nats_ ? fmt::format("train {:.4f}  valid {:.4f} nats", train, *r.valid_loss)
                                     : fmt::format("train {:.4g}  valid {:.4g}", train, *r.valid_loss);
    print(fmt::format("{}  {}{}  {}  {}{}", epoch_of(r), losses, measure,
                      speed(summed ? predictions / epoch_seconds_ : r.predictions_per_second, unit_),
                      as_clock(r.seconds), best));
    last_line_ = r.seconds;
    return;
  }
  const std::uint64_t percent = r.batches == 0 ? 0 : 100 * r.batch / r.batches;
  std::vector<std::string> parts = {epoch_of(r), fmt::format("{:2} %", percent),
                                    fmt::format("loss {:.4f}", r.train_loss), speed(r.predictions_per_second, unit_)};
  if (r.seconds_left) parts.push_back(as_clock(*r.seconds_left) + " left");
  if (live_) {
    draw(fit(parts, terminal_width() - 1));
  } else if (r.seconds - last_line_ >= kSecondsBetweenLines) {
    print(fit(parts, std::string::npos));
    last_line_ = r.seconds;
  }
}

// The first report of a run only says where it began: of a resumed run that is somewhere in the middle.
void ProgressDisplay::add_to_epoch(const TrainingReport& r) {
  if (last_ && last_->epoch != r.epoch) {
    epoch_nats_ = epoch_seconds_ = 0;
    epoch_predictions_ = 0;
  }
  if (last_) {
    const std::uint64_t predictions = r.predictions - last_->predictions;
    epoch_nats_ += r.train_loss * static_cast<double>(predictions);
    epoch_seconds_ += r.seconds - last_->seconds;
    epoch_predictions_ += predictions;
  }
  last_ = r;
}

void ProgressDisplay::draw(const std::string& line) {
  say("\r" + line + "\x1b[K");
  drawn_ = true;
}

void ProgressDisplay::print(const std::string& line) {
  say((drawn_ ? "\r\x1b[K" : "") + line + "\n");
  drawn_ = false;
}

}  // namespace recur
