#include "tasks/references.h"

#include "base/error.h"
#include "data/line_reader.h"
#include "tasks/network.h"

namespace recur {
namespace {

void add_lines(const std::string& path, const std::string& data, std::vector<std::vector<std::string>>& references) {
  const InputFile file(path);
  LineReader lines(file);
  std::size_t record = 0;
  for (; lines.next(); ++record) {
    if (record < references.size() && !lines.blank()) references[record].emplace_back(lines.line());
  }
  if (record != references.size()) {
    fail("--reference: {} has {} lines, {} {} records; expected a line for each", path, record, data,
         references.size());
  }
}

}  // namespace

std::vector<std::vector<std::string>> read_references(const TaskOptions& options, const RecordData& data,
                                                      std::span<const std::string> files) {
  const Recipe recipe = options.make_recipe(InputKind::text);
  const auto* decoder = std::get_if<DecoderSpec>(&recipe.head);
  if (decoder == nullptr || decoder->source.empty() || decoder->measure == OutputMeasure::rouge) {
    fail("--reference: only a translator has a use for it; this model's task is {}", options.task());
  }
  const Fields fields = blank_fields(options, data);
  const std::size_t target = field_named(fields, decoder->field, "references");
  std::vector<std::vector<std::string>> references;
  const auto source = data.open(requests_of(fields), {});
  while (source->next()) references.push_back({std::get<std::string>((*source)[target])});
  if (references.empty()) fail_without_records(fields, data);
  for (const std::string& file : files) add_lines(file, data.name(), references);
  return references;
}

}  // namespace recur
