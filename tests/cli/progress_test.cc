#include "cli/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>
#include <sstream>

#include "base/show.h"
#include "cli/pseudo_terminal.h"
#include "cli/terminal.h"

namespace recur::progress_test {
namespace {

// Standard error is a terminal of so many columns, or with 0 a pipe, while it lives.
class ErrorStream {
 public:
  explicit ErrorStream(unsigned short columns) : saved_(::dup(STDERR_FILENO)) {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    winsize size{};
    size.ws_row = 24;
    size.ws_col = columns;
    int ends[2] = {-1, -1};
    const int made = columns > 0 ? ::openpty(&ends[0], &ends[1], nullptr, nullptr, &size) : ::pipe(ends);
    if (made != 0) throw std::runtime_error("no terminal");
    reader_ = ends[0];
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
    ::fcntl(reader_, F_SETFL, O_NONBLOCK);
  }
  ~ErrorStream() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    ::close(reader_);
  }
  ErrorStream(const ErrorStream&) = delete;
  ErrorStream& operator=(const ErrorStream&) = delete;

  std::string read() const {
    std::string text;
    char buffer[4096];
    for (ssize_t count; (count = ::read(reader_, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int saved_, reader_;
};

using ProgressOnTerminal = OnTerminal<>;

TrainingReport report_at(double seconds, std::uint64_t step) {
  TrainingReport r;
  r.step = r.batch = step;
  r.epoch = 2;
  r.epochs = 10;
  r.batches = 100;
  r.predictions = 50 * step;
  r.train_loss = 1.25;
  r.predictions_per_second = 52345;
  r.seconds = seconds;
  r.seconds_left = 3723;
  return r;
}

TEST_F(ProgressOnTerminal, IsOneLineThatIsRedrawn) {
  const ErrorStream stream(80);
  ProgressDisplay display;
  display.report(report_at(1, 43));
  EXPECT_EQ(stream.read(), "\repoch 2/10  43 %  loss 1.2500  52,345 tokens/s  1:02:03 left\x1b[K");
  TrainingReport end = report_at(2, 100);
  end.valid_loss = 1.5;
  end.best = true;
  display.report(end);
  EXPECT_EQ(
      stream.read(),
      "\r\x1b[Kepoch 2/10  train 1.2500  valid 1.5000 nats  2,850 tokens/s  0:02  \x1b[32mbest so far\x1b[0m\r\n");
}

TEST_F(ProgressOnTerminal, FitsIt) {
  const ErrorStream stream(40);
  ProgressDisplay display;
  display.report(report_at(1, 43));
  EXPECT_EQ(stream.read(), "\repoch 2/10  43 %  loss 1.2500\x1b[K");
}

TEST_F(ProgressOnTerminal, HasNoColourWithNoColor) {
  const ErrorStream stream(80);
  ::setenv("NO_COLOR", "1", 1);
  ProgressDisplay display;
  TrainingReport end = report_at(2, 100);
  end.valid_loss = 1.5;
  end.best = true;
  display.report(end);
  EXPECT_EQ(stream.read().find('\x1b'), std::string::npos);
  ::unsetenv("NO_COLOR");
}

TEST(Progress, IsAPlainLineEveryTenSecondsElsewhere) {
  const ErrorStream stream(0);
  ProgressDisplay display;
  for (int second = 1; second <= 25; ++second) display.report(report_at(second, static_cast<std::uint64_t>(second)));
  const std::string text = stream.read();
  EXPECT_EQ(text,
            "epoch 2/10  10 %  loss 1.2500  52,345 tokens/s  1:02:03 left\n"
            "epoch 2/10  20 %  loss 1.2500  52,345 tokens/s  1:02:03 left\n");
}

TEST(NumberText, TellsApartWhatDiffers) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(-1.0 / 3), "-0.3333333");
  EXPECT_EQ(number_text(1234.56789), "1234.5679");
  EXPECT_EQ(number_text(1600000012.5), "1600000012.5");
  EXPECT_EQ(number_text(100'000'000.8415), "100000000.8415");
  EXPECT_EQ(number_text(1e300), "1e+300");
  EXPECT_EQ(number_text(-1e-300), "-1e-300");
  EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Terminal, Numbers) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(240321), "240,321");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(as_clock(7.9), "0:07");
  EXPECT_EQ(as_clock(754), "12:34");
  EXPECT_EQ(as_clock(3723), "1:02:03");
  EXPECT_EQ(printable("a\nb\x7f"
                      "é"),
            "a\\x0ab\\x7fé");
}

}  // namespace
}  // namespace recur::progress_test
