#include "infer/word_tests.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "data/white_space.h"
#include "measures/rank_correlation.h"

namespace recur {
namespace {

using nlohmann::ordered_json;

struct Pairs {
  std::size_t all = 0;
  std::vector<double> expected, got;

  void add(const WordSearch& vectors, const std::vector<std::string>& fields, double score) {
    ++all;
    if (vectors.place(fields[0]) < 0 || vectors.place(fields[1]) < 0) return;
    const std::vector<float> a = vectors.direction(fields[0]), b = vectors.direction(fields[1]);
    expected.push_back(score);
    got.push_back(std::inner_product(a.begin(), a.end(), b.begin(), 0.0));
  }
  ordered_json result() const {
    const double rho = rank_correlation(expected, got);
    ordered_json json = {{"pairs", all}, {"covered", got.size()}, {"spearman", nullptr}};
    if (std::isfinite(rho)) json["spearman"] = rho;
    return json;
  }
};

struct Section {
  std::string name;
  std::size_t all = 0, covered = 0, right = 0;

  ordered_json result(const char* what) const {
    ordered_json json = {{what, all}, {"covered", covered}, {"right", right}, {"accuracy", nullptr}};
    if (covered > 0) json["accuracy"] = static_cast<double>(right) / static_cast<double>(covered);
    return json;
  }
};

class Analogies {
 public:
  bool any() const { return !sections_.empty(); }
  void begin(std::string_view name) { sections_.push_back({std::string(name)}); }
  void add(const WordSearch& vectors, const std::vector<std::string>& fields) {
    if (sections_.empty()) begin("");
    Section& section = sections_.back();
    ++section.all;
    if (std::ranges::any_of(fields, [&](const std::string& word) { return vectors.place(word) < 0; })) return;
    ++section.covered;
    queries_.push_back(analogy_query(vectors, fields[0], fields[1], fields[2]));
    wanted_.push_back({sections_.size() - 1, vectors.place(fields[3])});
  }
  ordered_json result(const WordSearch& vectors) {
    if (!queries_.empty()) {
      const auto found = vectors.search(queries_, 1);
      for (std::size_t i = 0; i < found.size(); ++i) {
        const bool right = !found[i].empty() && found[i].front().word == wanted_[i].word;
        sections_[wanted_[i].section].right += right ? 1 : 0;
      }
    }
    Section total;
    ordered_json sections = ordered_json::array();
    for (const Section& s : sections_) {
      ordered_json section = {{"section", s.name}};
      section.update(s.result("questions"));
      sections.push_back(section);
      total.all += s.all;
      total.covered += s.covered;
      total.right += s.right;
    }
    ordered_json json = total.result("questions");
    json["sections"] = sections;
    return json;
  }

 private:
  struct Wanted {
    std::size_t section;
    int word;
  };
  std::vector<Section> sections_;
  std::vector<WordSearch::Query> queries_;
  std::vector<Wanted> wanted_;
};

}  // namespace

WordSearch::Query analogy_query(const WordSearch& vectors, std::string_view a, std::string_view b, std::string_view c) {
  const std::vector<float> from = vectors.direction(a), third = vectors.direction(c);
  WordSearch::Query query{vectors.direction(b), {}};
  for (std::size_t k = 0; k < query.direction.size(); ++k) query.direction[k] += third[k] - from[k];
  for (const std::string_view word : {a, b, c}) {
    if (const int place = vectors.place(word); place >= 0) query.without.push_back(place);
  }
  return query;
}

ordered_json run_word_tests(const WordSearch& vectors, const std::string& path) {
  const InputFile file(path);
  LineReader lines(file);
  Pairs pairs;
  Analogies analogies;
  while (lines.next()) {
    if (lines.blank()) continue;
    const std::vector<std::string> fields = cut_at_blanks(lines.line());
    std::optional<double> score;
    if (fields.size() == 3) score = parse_number<double>(fields[2]);
    if (fields[0].starts_with(':') && pairs.all == 0) {
      analogies.begin(lines.line().substr(std::min(lines.line().find_first_not_of(": "), lines.line().size())));
    } else if (fields.size() == 4 && pairs.all == 0) {
      analogies.add(vectors, fields);
    } else if (score && std::isfinite(*score) && !analogies.any()) {
      pairs.add(vectors, fields, *score);
    } else {
      lines.fail(fmt::format("expected {}, got {}",
                             pairs.all > 0     ? "two words and a score, as in the lines before"
                             : analogies.any() ? "four words, as in the lines before"
                                               : "two words and a score, or the four words of an analogy",
                             quote(lines.line())));
    }
  }
  if (pairs.all == 0 && !analogies.any()) fail("{}: expected lines of two words and a score, got none", file.name());
  return analogies.any() ? analogies.result(vectors) : pairs.result();
}

}  // namespace recur
