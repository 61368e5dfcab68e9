// A series: numbers that go on, a step after the other, and what is known beside them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/dates.h"

namespace recur {

struct Series {
  std::string group;  // of several in one file; else empty
  // Of each step when it was; empty where nobody says. How they look, and from one to the next.
  std::vector<Seconds> dates;
  DateStyle style;
  DateStep step;
  std::vector<double> target;  // [steps]; NaN: missing
  std::vector<double> inputs;  // [steps, inputs], in the same way
  std::vector<double> known;   // [steps and more, known]: also of steps ahead

  std::size_t moments = 0;  // of those of a field of series, those of its group

  std::size_t steps() const { return target.size(); }
  // When a step is, behind the last as well.
  Seconds date(std::size_t at) const {
    return at < dates.size() ? dates[at] : advance(dates.back(), step, at + 1 - dates.size());
  }
};

// A place in a series: the steps before `origin` are known, those from there on are to be forecast.
struct SeriesWindow {
  std::size_t series = 0, origin = 0;
};

}  // namespace recur
