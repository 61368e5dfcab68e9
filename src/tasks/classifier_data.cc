#include "tasks/classifier_data.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/json_fields.h"
#include "data/line_reader.h"
#include "data/vocabulary.h"
#include "tasks/labels.h"
#include "tasks/task_fields.h"

namespace recur {
namespace {

using nlohmann::json;

// A line of JSON: {"label": "a", "sequence": [[1, 2], [3, 4]]}. The label may be missing.
struct NumberLine {
  std::optional<std::string> label;
  std::vector<float> numbers;  // [steps, width]
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
    read.numbers.push_back(number.get<float>());
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

// Sums over all numbers of each column.
struct Moments {
  std::vector<double> sum, squares;
  std::size_t steps = 0;

  void add(const NumberLine& line) {
    sum.resize(line.width);
    squares.resize(line.width);
    for (std::size_t i = 0; i < line.numbers.size(); ++i) {
      const auto x = static_cast<double>(line.numbers[i]);
      sum[i % line.width] += x;
      squares[i % line.width] += x * x;
    }
    steps += line.numbers.size() / line.width;
  }
  Classifier::Input input() const {
    Classifier::Input input;
    const auto n = static_cast<double>(steps);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const double mean = sum[i] / n;
      const double variance = std::max(squares[i] / n - mean * mean, 0.0);
      input.mean.push_back(static_cast<float>(mean));
      input.scale.push_back(variance > 1e-12 * (1 + mean * mean) ? static_cast<float>(1 / std::sqrt(variance)) : 1.0F);
    }
    return input;
  }
};

}  // namespace

ClassifySurvey survey_records(const ClassifyOptions& options, const InputFile& data, const ReadOptions& reading,
                              const LanguageNetwork* pretrained) {
  std::map<std::string, std::size_t, std::less<>> counts;
  ClassifySurvey survey;
  LineReader lines(data);
  const std::size_t width = pretrained != nullptr ? pretrained->options().embedding : options.embedding;
  if (!options.vectors.empty() && width == 0) {
    fail("--embeddings needs an embedding: give --embedding N{}", pretrained != nullptr ? " to recur train lm" : "");
  }
  const auto count = [&](std::string_view label) {
    const auto place = counts.find(label);
    if (place != counts.end()) return void(++place->second);
    counts.emplace(label, 1);
  };
  if (holds_numbers(data)) {
    if (pretrained != nullptr) fail("--init-from: a language model knows texts; {} holds numbers", data.name());
    if (!options.vectors.empty()) fail("--embeddings: word vectors are of texts; {} holds numbers", data.name());
    Moments moments;
    ClassifyRecords ignored;
    for (std::uint64_t index = 0; lines.next(); ++index) {
      if (!reading.wants(index)) continue;
      const NumberLine line = read_numbers(lines, moments.sum.size(), {}, ignored);
      if (!line.label) lines.fail("expected a JSON object with a \"label\"");
      count(*line.label);
      moments.add(line);
    }
    survey.input = moments.input();
  } else {
    TextCodec::Builder builder(options.text);
    for (std::uint64_t index = 0; lines.next(); ++index) {
      if (!reading.wants(index)) continue;
      const LabelledLine line = split_label(lines.line());
      count(checked_label(lines, line));
      if (pretrained != nullptr) continue;
      const bool characters = options.text.kind == TokenizerKind::character;
      if (line.text.find_first_not_of(characters ? "" : " \t\v\f\r") == line.text.npos) fail_empty_text(lines);
      builder.add(line.text);
    }
    if (counts.empty()) fail("{}: no records; expected lines of label<TAB>text", data.name());
    survey.input.codec = pretrained != nullptr ? TextCodec::of(pretrained->tokenizer()) : builder.build();
  }
  if (counts.size() < 2) {
    fail("{}: all records have the label {}; expected at least two labels", data.name(), quote(counts.begin()->first));
  }
  for (const auto& [label, n] : counts) {
    survey.labels.push_back(label);
    survey.counts.push_back(n);
  }
  return survey;
}

std::unique_ptr<Records> read_classify_records(const Classifier::Input& input, const std::vector<std::string>& labels,
                                               const InputFile& file, const ReadOptions& options) {
  auto records = std::make_unique<ClassifyRecords>();
  records->name = file.name();
  LineReader lines(file);
  for (std::uint64_t index = 0; lines.next(); ++index) {
    if (!options.wants(index)) continue;
    if (!options.answers && lines.blank()) {
      records->add_empty();
      continue;
    }
    int label = 0;
    std::size_t length = 0;
    if (!input.codec) {
      NumberLine line = read_numbers(lines, input.width(), options.length, *records);
      if (options.answers && !line.label) lines.fail("expected a JSON object with a \"label\"");
      if (options.answers) label = known_label(lines, labels, *line.label);
      length = line.numbers.size() / input.width();
      if (length == 0) continue;
      for (std::size_t i = 0; i < line.numbers.size(); ++i) {
        line.numbers[i] = (line.numbers[i] - input.mean[i % input.width()]) * input.scale[i % input.width()];
      }
      records->numbers.add(line.numbers);
    } else {
      LabelledLine line = split_label(lines.line());
      if (options.answers) label = known_label(lines, labels, checked_label(lines, line));
      // Where a label need not be, what stands before a tab is one only if it is known.
      if (!options.answers && line.label && !find_label(labels, *line.label)) line.text = lines.line();
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
  json options = json::object();
  visit_options(c.options, WriteFields{options});
  json object = {{"options", options}, {"labels", c.labels}, {"class_weights", c.class_weights}};
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
  visit_options(c.options, ReadFields{read.object_at("options")});
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
