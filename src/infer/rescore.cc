#include "infer/rescore.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "data/white_space.h"
#include "measures/bleu.h"
#include "measures/edit_distance.h"

namespace recur {
namespace {

// What a candidate adds to each measure, were it the first of its list.
struct Part {
  Bleu bleu;
  std::size_t errors = 0, words = 0, right = 0;

  Part& operator+=(const Part& part) {
    bleu += part.bleu;
    errors += part.errors;
    words += part.words;
    right += part.right;
    return *this;
  }
};

Part part_of(const std::string& wanted, const std::string& text) {
  const std::vector<std::string> a = cut_at_blanks(wanted), b = cut_at_blanks(text);
  Part part;
  part.bleu.add(a, b);
  part.errors = edit_distance(a, b);
  part.words = a.size();
  part.right = a == b ? 1 : 0;
  return part;
}

// All candidates of all lists.
class Parts {
 public:
  Parts(const std::vector<CandidateList>& lists, const std::vector<std::string>& wanted) : lists_(lists) {
    for (std::size_t i = 0; i < lists.size(); ++i) {
      parts_.emplace_back();
      for (const Candidate& candidate : lists[i].candidates) parts_[i].push_back(part_of(wanted[i], candidate.text));
    }
  }
  double measure(const Rescoring& how, ListMeasure measure) const {
    Part sum;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const auto& all = lists_[i].candidates;
      const auto best =
          std::ranges::max_element(all, {}, [&](const Candidate& c) { return std::pair(c.tokens > 0, how.score(c)); });
      sum += parts_[i][static_cast<std::size_t>(best - all.begin())];
    }
    const auto percent = [](std::size_t part, std::size_t of) {
      return 100 * static_cast<double>(part) / static_cast<double>(std::max<std::size_t>(of, 1));
    };
    if (measure == ListMeasure::bleu) return sum.bleu.score();
    return measure == ListMeasure::wer ? percent(sum.errors, sum.words) : percent(sum.right, lists_.size());
  }

 private:
  const std::vector<CandidateList>& lists_;
  std::vector<std::vector<Part>> parts_;
};

// 0, and from 0.001 to 7 numbers that are easy to repeat.
std::vector<double> grid() {
  std::vector<double> sizes = {0};
  for (const double power : {1000, 100, 10, 1}) {
    for (const double digit : {1.0, 1.5, 2.0, 3.0, 5.0, 7.0}) sizes.push_back(digit / power);
  }
  return sizes;
}

}  // namespace

std::vector<CandidateList> read_candidates(const InputFile& file) {
  std::vector<CandidateList> lists;
  std::unordered_set<std::string> ids;
  LineReader lines(file);
  while (lines.next()) {
    if (lines.blank()) continue;
    const std::string_view line = lines.line();
    const std::size_t first = line.find('\t');
    const std::size_t second = first == line.npos ? line.npos : line.find('\t', first + 1);
    if (second == line.npos) lines.fail("expected id<TAB>score<TAB>text, as recur predict --n-best writes it");
    const std::string_view id = line.substr(0, first), number = line.substr(first + 1, second - first - 1);
    const auto score = parse_number<double>(number);
    if (!score || !std::isfinite(*score))
      lines.fail(fmt::format("expected a number for the score, got {}", quote(number)));
    if (lists.empty() || lists.back().id != id) {
      if (!ids.emplace(id).second)
        lines.fail(fmt::format("expected the lines of list {} one after the other", quote(id)));
      lists.push_back({std::string(id), {}});
    }
    lists.back().candidates.push_back({*score, std::string(line.substr(second + 1)), 0, 0});
  }
  if (lists.empty()) fail("{}: no candidates; expected lines of id<TAB>score<TAB>text", file.name());
  return lists;
}

double Rescoring::score(const Candidate& candidate) const {
  if (candidate.tokens == 0) return candidate.score;
  return candidate.score - weight * candidate.nats + bonus * static_cast<double>(candidate.tokens);
}

void rescore(std::vector<CandidateList>& lists, const Rescoring& how) {
  for (CandidateList& list : lists) {
    double least = std::numeric_limits<double>::infinity();  // of those with tokens
    for (Candidate& candidate : list.candidates) {
      candidate.score = how.score(candidate);
      if (candidate.tokens > 0) least = std::min(least, candidate.score);
    }
    for (Candidate& candidate : list.candidates) {
      if (candidate.tokens == 0) candidate.score = std::min(candidate.score, least);
    }
    std::ranges::stable_sort(list.candidates, std::ranges::greater(),
                             [](const Candidate& c) { return std::pair(c.tokens > 0, c.score); });
  }
}

Tuned tune(const std::vector<CandidateList>& lists, const std::vector<std::string>& wanted, ListMeasure measure) {
  const Parts parts(lists, wanted);
  Tuned tuned;
  tuned.before = tuned.after = parts.measure({}, measure);
  const auto try_one = [&](const Rescoring& how) {
    ++tuned.tried;
    const double value = parts.measure(how, measure);
    const bool better = measure == ListMeasure::wer ? value < tuned.after : value > tuned.after;
    if (!better) return;
    tuned.best = how;
    tuned.after = value;
  };
  for (const double weight : grid()) {
    for (const double bonus : grid()) {
      try_one({weight, bonus});
      if (bonus > 0) try_one({weight, -bonus});
    }
  }
  return tuned;
}

std::vector<std::string> read_wanted(const InputFile& file, const std::vector<CandidateList>& lists) {
  std::vector<std::string> all, wanted;
  LineReader lines(file);
  while (lines.next()) all.emplace_back(lines.line().substr(lines.line().rfind('\t') + 1));
  for (const CandidateList& list : lists) {
    const auto number = parse_number<std::size_t>(list.id);
    if (!number || *number == 0 || *number > all.size()) {
      fail("{}: has {} lines, and none for the list {}; expected line N for list N", file.name(), all.size(),
           quote(list.id));
    }
    wanted.push_back(all[*number - 1]);
  }
  return wanted;
}

}  // namespace recur
