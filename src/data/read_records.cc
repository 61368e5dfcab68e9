#include "data/read_records.h"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "base/error.h"
#include "data/data_format.h"
#include "data/held_out.h"
#include "data/label_field.h"
#include "data/memory_source.h"
#include "data/white_space.h"

namespace recur {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Notices data in which what is to be predicted stands where the texts should.
class SwappedColumns {
 public:
  void add(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) add_text(*text);
    if (const auto* words = std::get_if<std::vector<std::string>>(&cell)) std::ranges::for_each(*words, add_text);
  }
  // Throws Error when there are more names than different texts; kFewLabels are never too many.
  void check(const std::string& data, std::size_t names, const std::string& expected) const {
    const bool fewer = !texts_.empty() && texts_.size() < names;  // numbers are no texts
    if (names <= kFewLabels || !fewer || texts_.size() > kMostTexts) return;
    fail("{}: {} labels, but only {} different texts: are the columns swapped? expected {}", data, names, texts_.size(),
         expected);
  }

 private:
  static constexpr std::size_t kMostTexts = 100'000;  // more are many, however many
  std::unordered_set<std::size_t> texts_;             // their hashes
  std::function<void(const std::string&)> add_text = [this](const std::string& text) {
    if (texts_.size() <= kMostTexts) texts_.insert(std::hash<std::string_view>()(text));
  };
};

std::size_t find_kind(std::span<const FieldRequest> fields, CellKind kind) {
  const auto place = std::ranges::find(fields, kind, &FieldRequest::kind);
  return place == fields.end() ? kNone : static_cast<std::size_t>(place - fields.begin());
}

// The first field that is a sequence and no answer.
std::size_t input_of(const Fields& fields) {
  const auto place =
      std::ranges::find_if(fields, [](const auto& field) { return field->is_sequence() && !field->answer(); });
  return static_cast<std::size_t>(place - fields.begin());
}

// Where a label need not be, what stands before a tab is one only if it is known: else the whole line is the text.
void take_whole_line(const Fields& fields, const Source& source, std::vector<Cell>& cells) {
  const std::vector<FieldRequest> requests = requests_of(fields);
  const std::size_t label = find_kind(requests, CellKind::label), text = find_kind(requests, CellKind::text);
  if (label == kNone || text == kNone || !fields[label]->answer()) return;
  const auto* name = std::get_if<std::string>(&cells[label]);
  if (name == nullptr || dynamic_cast<const LabelField&>(*fields[label]).id(*name)) return;
  if (!source.line().empty()) cells[text] = std::string(source.line());
}

class Reader {
 public:
  Reader(const Fields& fields, const RecordData& data, const ReadOptions& options)
      : fields_(fields), options_(options), encoded_(fields.size()), input_(input_of(fields)) {
    SourceOptions how{options.answers};
    if (!options.answers) how.most_words = options.length.most;
    source_ = data.open(requests_of(fields), how);
    records_->name = data.name();
    records_->columns.resize(fields.size());
  }

  std::unique_ptr<Records> read() {
    for (std::uint64_t index = 0; source_->next(); ++index) {
      if (source_->blank()) {
        records_->add_empty();
        --index;
      } else if (options_.wants(index)) {
        add();
      }
    }
    return std::move(records_);
  }

 private:
  void add() {
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < fields_.size(); ++i) cells.push_back((*source_)[i]);
    if (!options_.answers) take_whole_line(fields_, *source_, cells);
    std::size_t longest = 0;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Field& field = *fields_[i];
      if (field.answer() && !options_.answers) continue;
      encoded_[i].length = 0;
      field.encode(*source_, cells[i], encoded_[i]);
      if (!field.is_sequence()) continue;
      const auto* text = std::get_if<std::string>(&cells[i]);
      const bool blank = text != nullptr && is_blank_text(*text);
      if (!options_.answers && (encoded_[i].length == 0 || blank)) return records_->add_empty();
      if (encoded_[i].length == 0) source_->fail(field.empty_problem(*source_, cells[i]));
      longest = std::max(longest, encoded_[i].length);
      if (field.answer() && field.follows_input()) check_steps(i);
    }
    const std::size_t kept = records_->limited(longest, options_.length);
    if (kept > 0) keep(cells, kept);
  }

  // One answer a step.
  void check_steps(std::size_t field) const {
    const std::size_t wanted = encoded_[input_].length, got = encoded_[field].length;
    if (got == wanted) return;
    source_->fail(fmt::format("expected {} {}, as many as {}, got {}", wanted, fields_[field]->name(),
                              fields_[input_]->name(), got));
  }

  void keep(const std::vector<Cell>& cells, std::size_t kept) {
    Records& records = *records_;
    const std::size_t record = records.size();
    records.lengths.push_back(0);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Field& field = *fields_[i];
      if (field.answer() && !options_.answers) continue;
      // A line of which only the beginning was read was cut, too.
      if (source_->cut()) encoded_[i].length = std::max(encoded_[i].length, kept + 1);
      field.add(cells[i], encoded_[i], kept, options_.keep_text, records.columns[i]);
      const auto length = static_cast<std::uint32_t>(field.length(records.columns[i], record));
      if (i == input_) {
        records.lengths[record] = length;
      } else if (field.is_sequence() && field.answer()) {
        records.other_lengths.push_back(length);
      }
    }
  }

  const Fields& fields_;
  const ReadOptions& options_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Records> records_ = std::make_unique<Records>();
  std::vector<Field::Encoded> encoded_;
  std::size_t input_;
};

}  // namespace

std::unique_ptr<Source> RecordData::open(std::span<const FieldRequest> fields, const SourceOptions& options) const {
  return file_ == nullptr ? open_memory(records_, fields, options) : open_source(*file_, layout_, fields, options);
}

bool RecordData::has_numbers(const std::string& field) const {
  if (file_ != nullptr) return recur::has_numbers(*file_, layout_, field);
  if (records_.empty()) return false;
  const auto named = std::ranges::find(records_.front(), field, &NamedCell::field);
  return named != records_.front().end() && std::holds_alternative<Numbers>(named->cell);
}

void learn_fields(const Fields& fields, const RecordData& data, const ReadOptions& options) {
  const std::vector<FieldRequest> requests = requests_of(fields);
  const std::size_t input = input_of(fields);
  SwappedColumns swapped;
  for (bool again = true, first = true; again; first = false) {
    std::size_t records = 0;
    const auto source = data.open(requests, {});
    for (std::uint64_t index = 0; source->next(); ++index) {
      if (!options.wants(index)) continue;
      ++records;
      for (std::size_t i = 0; i < fields.size(); ++i) fields[i]->learn(*source, (*source)[i]);
      if (first) swapped.add((*source)[input]);
    }
    if (records == 0) fail("{}: no records; expected {}", data.name(), source->expected());
    for (const auto& field : fields) {
      if (first) swapped.check(data.name(), field->names_so_far(), source->expected());
    }
    again = false;
    for (const auto& field : fields) again = field->finish_pass(data.name()) || again;
  }
}

std::unique_ptr<Records> read_records(const Fields& fields, const RecordData& data, const ReadOptions& options) {
  return Reader(fields, data, options).read();
}

void fail_without_records(const Fields& fields, const RecordData& data) {
  fail("{}: no records; expected {}", data.name(), data.open(requests_of(fields), {})->expected());
}

std::vector<bool> draw_held_out(std::span<const FieldRequest> fields, const RecordData& data, std::uint64_t seed) {
  const std::size_t label = find_kind(fields, CellKind::label);
  HeldOutDraw draw;
  const auto source = data.open(fields, {});
  while (source->next()) draw.add(label == kNone ? "" : std::get<std::string>((*source)[label]));
  return draw.draw(seed);
}

}  // namespace recur
