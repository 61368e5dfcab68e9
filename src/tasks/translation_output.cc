#include "tasks/translation_output.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

std::vector<std::string> split_at_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\v\f\r\n";
  std::vector<std::string> words;
  for (std::size_t begin = text.find_first_not_of(kBlanks); begin != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

}  // namespace

OutputBound OutputBound::of(std::span<const std::pair<std::size_t, std::size_t>> lengths) {
  double sources = 0, targets = 0;
  for (const auto& [source, target] : lengths) {
    sources += static_cast<double>(source);
    targets += static_cast<double>(target);
  }
  OutputBound bound;
  if (sources > 0) bound.per_token = 2 * targets / sources;
  for (const auto& [source, target] : lengths) {
    const double with_end = static_cast<double>(target) + 1;
    bound.more = std::max(bound.more, std::ceil(with_end - bound.per_token * static_cast<double>(source)));
  }
  return bound;
}

std::size_t OutputBound::most_tokens(std::size_t source_length) const {
  return static_cast<std::size_t>(std::ceil(per_token * static_cast<double>(source_length) + more));
}

std::string output_text(const Hypothesis& hypothesis, const TextCodec& codec, std::span<const std::string> source) {
  const bool copies = !source.empty() && !hypothesis.most_seen.empty() && codec.kind() != TokenizerKind::subword;
  if (!copies) return codec.decode(hypothesis.tokens);
  std::string text;
  for (std::size_t i = 0; i < hypothesis.tokens.size(); ++i) {
    if (i > 0) text += codec.separator();
    const int token = hypothesis.tokens[i];
    const std::size_t most = hypothesis.most_seen[i];
    text += token == codec.unknown() && most < source.size() ? source[most] : codec.decode({&token, 1});
  }
  return text;
}

Alignment alignment_of(const Hypothesis& hypothesis, const TextCodec& codec, std::vector<std::string> source,
                       bool reversed) {
  Alignment alignment;
  if (reversed) std::ranges::reverse(source);
  for (const int token : hypothesis.tokens) alignment.target.push_back(codec.piece(token));
  if (hypothesis.attention.size() > hypothesis.tokens.size()) alignment.target.push_back(codec.piece(codec.end()));
  for (const std::vector<float>& row : hypothesis.attention) {
    source.resize(row.size());  // of a source that was cut, what was read
    if (reversed) {
      alignment.weights.insert(alignment.weights.end(), row.rbegin(), row.rend());
    } else {
      alignment.weights.insert(alignment.weights.end(), row.begin(), row.end());
    }
  }
  alignment.source = std::move(source);
  return alignment;
}

TranslationScore::TranslationScore(const TextCodec& codec, const std::vector<std::string>& sources,
                                   const std::vector<std::string>& targets)
    : codec_(codec), sources_(sources), targets_(targets) {
  for (std::size_t i = 0; i < sources.size(); ++i) records_of_[sources[i]].push_back(i);
}

void TranslationScore::add(std::size_t record, const std::string& output) {
  const std::vector<std::string> words = split_at_blanks(output);
  bleu_.add(split_at_blanks(targets_[record]), words);
  const std::vector<std::size_t>& same = records_of_.at(sources_[record]);
  if (same.front() != record) return;  // a source counts once
  const std::vector<std::string> pieces = codec_.pieces(output);
  bool exact = false;
  std::size_t fewest = 0, length = 0;
  for (const std::size_t other : same) {
    exact = exact || split_at_blanks(targets_[other]) == words;
    const std::vector<std::string> wanted = codec_.pieces(targets_[other]);
    const std::size_t distance = edit_distance(wanted, pieces);
    if (length == 0 || distance < fewest) {
      fewest = distance;
      length = std::max<std::size_t>(wanted.size(), 1);
    }
  }
  ++counted_;
  exact_ += exact ? 1 : 0;
  wrong_pieces_ += fewest;
  pieces_ += length;
}

nlohmann::ordered_json TranslationScore::metrics() const {
  const auto share = [](std::uint64_t part, std::size_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  return {{"records", sources_.size()},
          {"sources", records_of_.size()},
          {"bleu", bleu_.score()},
          {"exact", share(exact_, counted_)},
          {"error_rate", share(wrong_pieces_, pieces_)}};
}

}  // namespace recur
