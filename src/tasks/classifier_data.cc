#include "tasks/classifier_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/option_json.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "tasks/labels.h"
#include "tasks/task_options.h"

namespace recur {
namespace {

using nlohmann::json;

// A line of JSON: {"label": "a", "sequence": [[1, 2], [3, 4]]}. The label may be missing.
struct NumberLine {
  std::optional<std::string> label;
  std::vector<double> numbers;  // [steps, width]
  std::size_t width = 0;
};

bool holds_numbers(const InputFile& data) {
  LineReader lines(data);
  return lines.next() && lines.line().starts_with('{') && json::parse(lines.line(), nullptr, false).is_object();
}

void read_step(const LineReader& lines, const json& step, NumberLine& read) {
  if (!step.is_array() || step.empty()) lines.fail("expected \"sequence\" to be a list of lists of numbers");
  if (read.width == 0) read.width = step.size();
  if (step.size() != read.width) {
    lines.fail(fmt::format("expected {} numbers in every step, got {}", read.width, step.size()));
  }
  for (const json& number : step) {
    if (!number.is_number() || !std::isfinite(number.get<float>())) {
      // Only a text of what is not nested: lists in lists in lists may be deeper than the stack.
      lines.fail(fmt::format("expected a number in \"sequence\", got {}",
                             number.is_structured() ? number.type_name() : quote(number.dump())));
    }
    read.numbers.push_back(number.get<double>());
  }
}

NumberLine read_numbers(const LineReader& lines, std::size_t width, const LengthLimit& limit, Records& records) {
  if (lines.cut()) lines.fail("a line of JSON longer than 16 MiB; expected shorter sequences");
  const json object = json::parse(lines.line(), nullptr, false);
  if (!object.is_object() || !object.contains("sequence") || !object["sequence"].is_array()) {
    lines.fail(fmt::format("expected a JSON object {{\"label\": .., \"sequence\": [[..], ..]}}{}",
                           lines.blank() ? ", got an empty line" : ""));
  }
  NumberLine read;
  read.width = width;
  if (object.contains("label")) {
    const json& label = object["label"];
    if (!label.is_string() && !label.is_number() && !label.is_boolean()) lines.fail("expected \"label\" to be a text");
    read.label = label.is_string() ? label.get<std::string>() : label.dump();
    if (read.label->empty() || read.label->find_first_of("\t\r\n") != std::string::npos) {
      lines.fail(fmt::format("expected a \"label\" of one line without tabs, got {}", quote(*read.label)));
    }
  }
  const json& sequence = object["sequence"];
  if (sequence.empty()) lines.fail("the sequence is empty; expected at least one step");
  const std::size_t length = records.limited(sequence.size(), limit);
  for (std::size_t t = 0; t < length; ++t) read_step(lines, sequence[t], read);
  return read;
}

[[noreturn]] void fail_empty_text(const LineReader& lines) {
  lines.fail("the text is empty; expected at least one word");
}

// For a codec that leaves out what it lacks.
[[noreturn]] void fail_unknown_text(const LineReader& lines, const TextCodec& codec) {
  lines.fail(fmt::format("the model knows no {} of the text, and has no {}; train it again", to_string(codec.kind()),
                         kUnknownToken));
}

// What makes columns of numbers have mean 0 and deviation 1. Each number is visited twice: for the means and ranges,
// and for the deviations, which are added up as shares of the range, so that no square is too small or too large.
class Columns {
 public:
  std::size_t width() const { return sum_.size(); }
  void visit_first(const NumberLine& line) {
    if (steps_ == 0) {
      sum_.resize(line.width);
      squares_.resize(line.width);
      low_.assign(line.width, std::numeric_limits<double>::infinity());
      high_.assign(line.width, -std::numeric_limits<double>::infinity());
    }
    for (std::size_t i = 0; i < line.numbers.size(); ++i) {
      const std::size_t column = i % line.width;
      sum_[column] += line.numbers[i];
      low_[column] = std::min(low_[column], line.numbers[i]);
      high_[column] = std::max(high_[column], line.numbers[i]);
    }
    steps_ += line.numbers.size() / line.width;
  }
  void visit_again(const NumberLine& line) {
    for (std::size_t i = 0; i < line.numbers.size(); ++i) {
      const std::size_t column = i % line.width;
      const double share = (line.numbers[i] - mean(column)) / range(column);
      squares_[column] += share * share;
    }
  }
  Classifier::Input input() const {
    Classifier::Input input;
    for (std::size_t column = 0; column < width(); ++column) {
      const double scale = 1 / (range(column) * std::sqrt(squares_[column] / static_cast<double>(steps_)));
      input.mean.push_back(mean(column));
      input.scale.push_back(std::isfinite(scale) ? scale : 1);  // a constant column has none
    }
    return input;
  }

 private:
  double mean(std::size_t column) const { return sum_[column] / static_cast<double>(steps_); }
  double range(std::size_t column) const { return high_[column] - low_[column]; }

  std::vector<double> sum_, squares_, low_, high_;  // of each column
  std::size_t steps_ = 0;
};

}  // namespace

ClassifySurvey survey_records(const ClassifyOptions& options, const InputFile& data, const ReadOptions& reading,
                              const LanguageNetwork* pretrained) {
  std::map<std::string, std::size_t, std::less<>> counts;
  std::size_t records = 0;
  ClassifySurvey survey;
  LineReader lines(data);
  const std::size_t width = pretrained != nullptr ? pretrained->options().embedding : options.embedding;
  if (!options.vectors.empty() && width == 0) {
    fail("--embeddings needs an embedding: give --embedding N{}", pretrained != nullptr ? " to recur train lm" : "");
  }
  const auto count = [&](std::string_view label) {
    ++records;
    const auto place = counts.find(label);
    if (place != counts.end()) return void(++place->second);
    counts.emplace(label, 1);
  };
  if (holds_numbers(data)) {
    if (pretrained != nullptr) fail("--init-from: a language model knows texts; {} holds numbers", data.name());
    if (!options.vectors.empty()) fail("--embeddings: word vectors are of texts; {} holds numbers", data.name());
    Columns columns;
    ClassifyRecords ignored;
    for (std::uint64_t index = 0; lines.next(); ++index) {
      if (!reading.wants(index)) continue;
      const NumberLine line = read_numbers(lines, columns.width(), {}, ignored);
      if (!line.label) lines.fail("expected a JSON object with a \"label\"");
      count(*line.label);
      columns.visit_first(line);
    }
    LineReader again(data);
    for (std::uint64_t index = 0; again.next(); ++index) {
      if (reading.wants(index)) columns.visit_again(read_numbers(again, columns.width(), {}, ignored));
    }
    survey.input = columns.input();
  } else {
    TextCodec::Builder builder(options.text);
    SwappedColumns swapped;
    for (std::uint64_t index = 0; lines.next(); ++index) {
      if (!reading.wants(index)) continue;
      const LabelledLine line = split_label(lines.line());
      count(checked_label(lines, line));
      swapped.add(line.text);
      if (pretrained != nullptr) continue;
      const bool characters = options.text.kind == TokenizerKind::character;
      if (line.text.find_first_not_of(characters ? "" : " \t\v\f\r") == line.text.npos) fail_empty_text(lines);
      builder.add(line.text);
    }
    if (counts.empty()) fail("{}: no records; expected lines of label<TAB>text", data.name());
    swapped.check(data, counts.size(), "label<TAB>text");
    survey.input.codec = pretrained != nullptr ? TextCodec::of(pretrained->tokenizer()) : builder.build();
  }
  if (counts.size() < 2) {
    fail("{}: all records have the label {}; expected at least two labels", data.name(), quote(counts.begin()->first));
  }
  if (counts.size() > kFewLabels && 2 * counts.size() > records) {
    fail("{}: {} records have {} labels; expected labels of which each is that of many records, and label<TAB>text",
         data.name(), records, counts.size());
  }
  for (const auto& [label, n] : counts) {
    survey.labels.push_back(label);
    survey.counts.push_back(n);
  }
  return survey;
}

void for_classify_labels(const InputFile& data, const std::function<void(const std::string& label)>& visit) {
  const bool numbers = holds_numbers(data);
  for (LineReader lines(data); lines.next();) {
    if (!numbers) {
      visit(std::string(split_label(lines.line()).label.value_or("")));
      continue;
    }
    const json object = json::parse(lines.line(), nullptr, false);
    const bool labelled = object.is_object() && object.contains("label") && object["label"].is_primitive();
    visit(labelled ? object["label"].dump() : "");
  }
}

std::unique_ptr<Records> read_classify_records(const Classifier::Input& input, const std::vector<std::string>& labels,
                                               const InputFile& file, const ReadOptions& options) {
  auto records = std::make_unique<ClassifyRecords>();
  records->name = file.name();
  LineReader lines(file);
  const Vocabulary known_labels(labels);
  std::vector<float> scaled;
  for (std::uint64_t index = 0; lines.next(); ++index) {
    if (!options.wants(index)) continue;
    if (!options.answers && lines.blank()) {
      records->add_empty();
      continue;
    }
    int label = 0;
    std::size_t length = 0;
    if (!input.codec) {
      const NumberLine line = read_numbers(lines, input.width(), options.length, *records);
      if (options.answers && !line.label) lines.fail("expected a JSON object with a \"label\"");
      if (options.answers) label = known_label(lines, known_labels, *line.label);
      length = line.numbers.size() / input.width();
      if (length == 0) continue;
      scaled.clear();
      for (std::size_t i = 0; i < line.numbers.size(); ++i) {
        const std::size_t column = i % input.width();
        scaled.push_back(static_cast<float>((line.numbers[i] - input.mean[column]) * input.scale[column]));
        if (std::isfinite(scaled.back())) continue;
        lines.fail(
            fmt::format("expected numbers of the size of those that the model learned from, got {}", line.numbers[i]));
      }
      records->numbers.add(scaled);
    } else {
      LabelledLine line = split_label(lines.line());
      if (options.answers) label = known_label(lines, known_labels, checked_label(lines, line));
      // Where a label need not be, what stands before a tab is one only if it is known.
      if (!options.answers && line.label && !known_labels.id(*line.label)) line.text = lines.line();
      const std::vector<int> tokens = input.codec->encode(line.text);
      if (!options.answers && (tokens.empty() || is_blank_text(line.text))) {
        records->add_empty();
        continue;
      }
      if (tokens.empty() && !is_blank_text(line.text)) fail_unknown_text(lines, *input.codec);
      if (tokens.empty()) fail_empty_text(lines);
      length = records->limited(tokens.size(), options.length);
      if (length == 0) continue;
      records->tokens.add(std::span(tokens).first(length));
    }
    records->labels.push_back(label);
    records->lengths.push_back(static_cast<std::uint32_t>(length));
  }
  return records;
}

json write_classify_configuration(const ClassifyConfiguration& c) {
  json object = {{"options", options_json(c.options)}, {"labels", c.labels}, {"class_weights", c.class_weights}};
  if (c.input.codec) {
    object["text"] = c.input.codec->to_json();
  } else {
    object["mean"] = c.input.mean;
    object["scale"] = c.input.scale;
  }
  return object;
}

ClassifyConfiguration read_classify_configuration(const json& object) {
  ClassifyConfiguration c;
  const ReadFields read{object};
  read_options_of(c.options, read.object_at("options"));
  c.labels = read_labels(read, "labels");
  read("class_weights", c.class_weights);
  if (!c.class_weights.empty() && c.class_weights.size() != c.labels.size()) {
    fail("its configuration has {} class weights for {} labels", c.class_weights.size(), c.labels.size());
  }
  if (!std::ranges::all_of(c.class_weights, [](float weight) { return weight >= 0 && std::isfinite(weight); })) {
    fail("its configuration's 'class_weights' are not numbers of at least 0");
  }
  if (object.contains("text")) {
    c.input.codec = TextCodec::from_json(object["text"]);
  } else {
    read("mean", c.input.mean);
    read("scale", c.input.scale);
    if (c.input.mean.empty() || c.input.mean.size() != c.input.scale.size()) {
      fail("its configuration names neither a text nor numbers as input");
    }
    const auto finite = [](auto number) { return std::isfinite(number); };
    if (!std::ranges::all_of(c.input.mean, finite) || !std::ranges::all_of(c.input.scale, finite) ||
        !(std::ranges::min(c.input.scale) > 0)) {
      fail("its configuration's 'mean' and 'scale' are not finite numbers, the scale's above 0");
    }
  }
  return c;
}

}  // namespace recur
