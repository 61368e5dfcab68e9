// recur states and recur nearest: what layers say of records, and which records they say alike things of.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/decode_options.h"
#include "cli/terminal.h"
#include "data/data_format.h"
#include "data/line_reader.h"
#include "data/source_plan.h"
#include "data/table_rows.h"
#include "recur/states.h"
#include "tasks/recipe_options.h"

namespace recur {
namespace {

struct StatesArguments {
  std::string model, data, out;
  StatesOptions states;
};

struct NearestOptions {
  std::string states, data;
  DataLayout layout;
  std::size_t record = 1, count = 10;
};

// The rows of a table below its header, on a line each.
std::vector<std::string> rows_of(const InputFile& file) {
  TableRows rows(file, true);
  std::vector<std::string> lines;
  if (!rows.next()) return lines;
  while (rows.next()) {
    std::string line = fmt::format("{}", fmt::join(rows.cells(), ", "));
    std::ranges::replace(line, '\n', ' ');
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> sentences_of(const InputFile& file, const DataLayout& layout) {
  const FieldRequest words{"words", CellKind::words};
  const auto source = open_source(file, layout, {&words, 1}, {.answers = false});
  std::vector<std::string> lines;
  while (source->next()) {
    if (source->blank()) continue;  // what ends a sentence
    lines.push_back(fmt::format("{}", fmt::join(std::get<std::vector<std::string>>((*source)[0]), " ")));
  }
  return lines;
}

// The records of a file, a line each, for people who want to see them.
std::vector<std::string> lines_of(const std::string& path, DataLayout layout) {
  const InputFile file(path);
  layout.format = format_of(file, layout, {});
  switch (layout.format) {
    case DataFormat::csv:
      return rows_of(file);
    case DataFormat::conll:
      return sentences_of(file, layout);
    case DataFormat::numpy:
    case DataFormat::idx:
      fail("{}: arrays have no lines to be shown; leave --data out", file.name());
    default:
      break;
  }
  LineReader reader(file);
  std::vector<std::string> lines;
  if (layout.format == DataFormat::tsv && name_columns(layout)) reader.next();
  while (reader.next()) lines.emplace_back(reader.line());
  return lines;
}

std::vector<NearState> nearest_in(const NearestOptions& options, const States& states) {
  try {
    return nearest_states(states, options.record - 1, options.count);
  } catch (const Error& error) {
    fail("{}: {}", options.states, error.what());
  }
}

int find_nearest(const NearestOptions& options) {
  const States states = load_states(options.states);
  std::vector<std::string> lines;
  if (!options.data.empty()) {
    lines = lines_of(options.data, options.layout);
    if (lines.size() != states.records()) {
      fail("{}: {} records; expected {}, as {} has records; --format and --columns say how recur states has read it",
           options.data, with_thousands(lines.size()), with_thousands(states.records()), options.states);
    }
  }
  std::string text;
  for (const NearState& near : nearest_in(options, states)) {
    text += fmt::format("{}\t{:.4f}{}{}\n", near.record + 1, near.similarity, lines.empty() ? "" : "\t",
                        lines.empty() ? "" : lines[near.record]);
  }
  write_out(text);
  return kDone;
}

void check_out(const std::string& out, const StatesOptions& options) {
  const bool safetensors = out.ends_with(".safetensors");
  if (!safetensors && !out.ends_with(".npy"))
    throw Misuse(fmt::format("--out: expected the name of a .npy or .safetensors file, got {}", out));
  if (!safetensors && options.each_step)
    throw Misuse("--out: with --each-step, expected the name of a .safetensors file");
}

}  // namespace

Command states_command() {
  const auto options = std::make_shared<StatesArguments>();
  StatesOptions& states = options->states;
  Command command{
      "states",
      "Write down what the layers of a model say of records\n"
      "\n"
      "A vector a record: an array [records, width] of NumPy's .npy, or of .safetensors; or, with --each-step,\n"
      "one for each of its steps: \"states\" [rows, width] and \"begins\" [records + 1] in a .safetensors file.\n"
      "Both directions stand side by side. An empty line is a vector of zeros.",
      "Examples:\n"
      "  recur states reviews.safetensors --data reviews.tsv --out reviews.npy\n"
      "  recur states tags.safetensors --data text.conll --each-step --state c --out cells.safetensors"};
  OptionList& list = command.options;
  list_model(list, options->model);
  list_data(list, options->data, "The records; - is standard input");
  list.text("out", options->out, "FILE", "Where they are written: .npy or .safetensors").required = true;
  list.count("layer", states.layer, {0, 1'000'000}, "Whose states, from 1; 0: of the last");
  list.text("state", states.state, "NAME", "Which state of the cell: h, c, ..; its output if not told");
  list.choice("pooling", states.pooling, "How the states of all steps become one vector",
              {Pooling::last, Pooling::mean, Pooling::max});
  list.flag("each-step", states.each_step, "Those of every step");
  list.count("max-length", states.predict.max_length, {1}, "Longer sequences are cut");
  list_options(list, states.predict.layout);
  list_threads(list);
  command.run = [options](const Given& given) {
    if (options->states.each_step && given.has("pooling")) fail("--pooling: --each-step has no use for it");
    check_other_file("--out", options->out, {options->model, options->data});
    check_out(options->out, options->states);
    const Model model = Model::load(options->model);
    check_max_length(given, model);
    const States found = states_of(model, options->data, options->states);
    save_states(options->out, found);
    if (found.cut > 0) {
      complain(fmt::format("{}: {} over --max-length were cut", shown_name(options->data), with_thousands(found.cut)));
    }
    return kDone;
  };
  return command;
}

Command nearest_command() {
  const auto options = std::make_shared<NearestOptions>();
  Command command{
      "nearest",
      "List the records that a model says the most similar things of\n"
      "\n"
      "STATES is a file that recur states has written. Lines of record<TAB>similarity, the cosine of the angle\n"
      "between the vectors, and with --data the record's line, row or sentence behind that, the most similar first.",
      "Example:\n  recur nearest reviews.npy 12 --data reviews.tsv"};
  OptionList& list = command.options;
  Option& states = list.text("STATES", options->states, "FILE", "What recur states has written");
  states.argument = states.required = true;
  Option& record = list.count("RECORD", options->record, {1}, "The number of the record, from 1");
  record.argument = record.required = true;
  record.standard.clear();
  list.count("count", options->count, {1, 1'000'000}, "How many records");
  list.text("data", options->data, "FILE", "The records that recur states has read, to be shown");
  list_options(list, options->layout);
  for (const char* name : {"format", "columns"}) list.need(name, {"data"});
  command.run = [options, list](const Given& given) {
    list.check_needs([&](std::string_view name) { return given.has(name); });
    return find_nearest(*options);
  };
  return command;
}

}  // namespace recur
