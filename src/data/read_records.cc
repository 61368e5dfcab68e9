#include "data/read_records.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/show.h"
#include "data/bad_record.h"
#include "data/frames/frame_reader.h"
#include "data/given_cells.h"
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
    if (const auto* text = std::get_if<std::string>(&cell)) add(*text);
    const auto* words = std::get_if<std::vector<std::string>>(&cell);
    for (std::size_t i = 0; words != nullptr && i < words->size(); ++i) add((*words)[i]);
  }
  // Throws Error when there are more names than different texts; kFewLabels are never too many.
  void check(const std::string& data, std::size_t names, const std::string& expected) const {
    const bool fewer = !texts_.empty() && texts_.size() < names;  // numbers are no texts
    if (names <= kFewLabels || !fewer || texts_.size() > kMostTexts) return;
    fail("{}: {} labels, but only {} different texts: are the columns swapped? expected {}", data, names, texts_.size(),
         expected);
  }

 private:
  void add(const std::string& text) {
    if (texts_.size() <= kMostTexts) texts_.insert(std::hash<std::string_view>()(text));
  }

  static constexpr std::size_t kMostTexts = 100'000;  // more are many, however many
  std::unordered_set<std::size_t> texts_;             // their hashes
};

std::size_t find_kind(std::span<const FieldRequest> fields, CellKind kind) {
  const auto place = std::ranges::find(fields, kind, &FieldRequest::kind);
  return place == fields.end() ? kNone : static_cast<std::size_t>(place - fields.begin());
}

// The first field that is a sequence and no answer.
std::size_t input_of(const Fields& fields) {
  const auto place = std::ranges::find_if(
      fields, [](const auto& field) { return field->is_sequence() && !field->answer() && !field->aside(); });
  return static_cast<std::size_t>(place - fields.begin());
}

// The field of what is read of sounds or other files, or the end.
auto sound_of(std::span<const FieldRequest> fields) {
  return std::ranges::find_if(
      fields, [](const FieldRequest& field) { return field.kind == CellKind::frames && !field.answer; });
}

class Reader {
 public:
  Reader(const Fields& fields, const RecordData& data, const ReadOptions& options)
      : fields_(fields), name_(data.name()), options_(options), encoded_(fields.size()), input_(input_of(fields)) {
    const std::vector<FieldRequest> requests = requests_of(fields);
    SourceOptions how{.answers = options.answers,
                      .empty_lines = options.empty_lines,
                      .skip_bad = options.skip_bad != nullptr,
                      .lines = options.lines,
                      .speed = options.speed};
    records_->versions = how.versions();
    if (!options.answers) {
      if (options.parts) how.most_words = options.length.most;
      const std::size_t label = std::min(find_kind(requests, CellKind::label), find_kind(requests, CellKind::labels));
      // Every line of a table has one.
      const bool table = data.file() != nullptr && is_told(*data.file(), data.layout(), DataFormat::tsv);
      if (label != kNone && fields[label]->answer() && !table)
        label_ = dynamic_cast<const NamesField*>(fields[label].get());
      label_place_ = label;
      text_place_ = find_kind(requests, CellKind::text);
    }
    source_ = data.open(requests, how);
    records_->columns.resize(fields.size());
  }

  std::unique_ptr<Records> read() {
    while (read_one()) {
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) fields_[i]->check(records_->columns[i], name_);
    return std::move(records_);
  }

 private:
  // False at the end.
  bool read_one() {
    try {
      if (!source_->next()) return false;
      if (source_->blank()) {
        records_->add_empty();
      } else {
        const std::uint64_t place = place_++;
        if (options_.wants(place / records_->versions)) add(place % records_->versions == 0);
      }
    } catch (const BadRecord& bad) {
      if (options_.skip_bad) {
        options_.skip_bad(bad);
        records_->add_empty();
        ++records_->skipped;
        return true;
      }
      if (!options_.before_bad) throw;
      records_->bad = bad.what();
      return false;
    }
    return true;
  }

  // `first`: of a record's versions, of which all are kept or none.
  void add(bool first) {
    look_for_label();
    std::size_t longest = 0;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Field& field = *fields_[i];
      if (field.answer() && !options_.answers) continue;
      encoded_[i].length = 0;
      field.encode(*source_, cell(i), encoded_[i]);
      if (!field.is_sequence()) continue;
      const auto* text = std::get_if<std::string>(&cell(i));
      const bool blank = text != nullptr && is_blank_text(*text);
      if (!options_.answers && (encoded_[i].length == 0 || blank)) return records_->add_empty();
      if (encoded_[i].length == 0) source_->fail(field.empty_problem(*source_, cell(i)));
      longest = std::max(longest, encoded_[i].length);
      if (field.follows_input()) check_steps(i);
    }
    if (first) whole_ = records_->limited(longest, options_.length);
    if (whole_ > 0) keep(first ? whole_ : std::min(longest, options_.length.most));
  }

  const Cell& cell(std::size_t i) const { return whole_line_ && i == text_place_ ? *whole_line_ : (*source_)[i]; }

  // Where a label need not be, what stands before a tab is one only if it is known: else the whole line is the text.
  void look_for_label() {
    whole_line_.reset();
    if (label_ == nullptr || text_place_ == kNone || source_->line().empty()) return;
    if (!label_->knows((*source_)[label_place_])) whole_line_ = std::string(source_->line());
  }

  // One a step of the input.
  void check_steps(std::size_t field) const {
    const std::size_t wanted = encoded_[input_].length, got = encoded_[field].length;
    if (got == wanted) return;
    source_->fail(fmt::format("expected {} {}, as many as {}, got {}", wanted, fields_[field]->name(),
                              fields_[input_]->name(), got));
  }

  void keep(std::size_t kept) {
    Records& records = *records_;
    const std::size_t record = records.size();
    records.lengths.push_back(0);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Field& field = *fields_[i];
      if (field.answer() && !options_.answers) continue;
      // A line of which only the beginning was read was cut, too.
      if (source_->cut()) encoded_[i].length = std::max(encoded_[i].length, kept + 1);
      field.add(cell(i), encoded_[i], kept, options_.keep_text, records.columns[i]);
      const auto length = static_cast<std::uint32_t>(field.length(records.columns[i], record));
      if (i == input_) {
        records.lengths[record] = length;
      } else if (field.is_sequence() && field.answer()) {
        records.other_lengths.push_back(length);
      }
    }
  }

  const Fields& fields_;
  std::string name_;  // of the data
  const ReadOptions& options_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Records> records_ = std::make_unique<Records>();
  std::vector<Field::Encoded> encoded_;
  std::size_t input_;
  std::uint64_t place_ = 0;  // of the version of a record that comes next
  std::size_t whole_ = 0;    // steps that are kept of a record's first version

  // Where answers are not asked for: a label, or labels, that are one, its place and the text's.
  const NamesField* label_ = nullptr;
  std::size_t label_place_ = kNone, text_place_ = kNone;
  std::optional<Cell> whole_line_;  // in the place of this record's text
};

}  // namespace

std::unique_ptr<Source> RecordData::open(std::span<const FieldRequest> fields, const SourceOptions& options,
                                         bool decoded) const {
  const std::vector<FieldRequest> asked = without_given(fields, given_);
  std::unique_ptr<Source> source = open_as_it_is(asked, options);
  if (!given_.empty()) source = with_given(std::move(source), fields, given_);
  const bool frames = sound_of(fields) != fields.end();
  return frames && decoded ? with_frames(std::move(source), fields, frames_, options) : std::move(source);
}

std::unique_ptr<Source> RecordData::open_as_it_is(std::span<const FieldRequest> fields,
                                                  const SourceOptions& options) const {
  if (file_ == nullptr) return open_memory(records_, fields, options);
  const auto sound = sound_of(fields);
  const bool itself = sound != fields.end() && is_record_path(file_->name()) && layout_.format == DataFormat::automatic;
  if (!itself) return open_source(*file_, layout_, fields, options);
  const auto knob = std::ranges::find(fields, CellKind::number, &FieldRequest::kind);
  if (knob != fields.end()) {
    fail("{}: a sound does not say where the knob {} stands; give --knob {}=NUMBER", file_->name(), quote(knob->name),
         knob->name);
  }
  return open_record({{sound->name, file_->name()}}, fields, options);
}

std::uint64_t RecordData::content_hash() const { return file_ == nullptr ? hash_of(records_) : file_->content_hash(); }

bool RecordData::has_numbers(const std::string& field) const {
  if (file_ != nullptr) return recur::has_numbers(*file_, layout_, field);
  if (records_.empty()) return false;
  const auto named = std::ranges::find(records_.front(), field, &NamedCell::field);
  return named != records_.front().end() && std::holds_alternative<Numbers>(named->cell);
}

bool RecordData::has_frames(const FramesPlace& place) const {
  if (file_ != nullptr) return recur::has_frames(*file_, layout_, place);
  return !records_.empty() &&
         std::ranges::find(records_.front(), place.field, &NamedCell::field) != records_.front().end();
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

namespace {

// Numbers or pictures that texts are about, and which of them each record has.
class Subjects {
 public:
  explicit Subjects(std::span<const FieldRequest> fields) {
    bool text = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const bool numbers = fields[i].kind == CellKind::numbers || fields[i].kind == CellKind::frames;
      if (numbers && !fields[i].answer) inputs_.push_back(i);
      text = text || (fields[i].answer && fields[i].kind == CellKind::text);
    }
    if (!text) inputs_.clear();
  }
  void add(const Source& source) {
    if (inputs_.empty()) return;
    std::vector<Cell> cells;
    for (const std::size_t i : inputs_) cells.push_back(source[i]);
    of_.push_back(places_.emplace(hash_of(cells), places_.size()).first->second);
  }
  std::size_t count() const { return places_.size(); }
  // What was drawn for each of them, for each record.
  std::vector<bool> spread(const std::vector<bool>& drawn) const {
    std::vector<bool> held_out;
    for (const std::size_t subject : of_) held_out.push_back(drawn[subject]);
    return held_out;
  }

 private:
  std::vector<std::size_t> inputs_;  // fields
  std::unordered_map<std::uint64_t, std::size_t> places_;
  std::vector<std::size_t> of_;  // each record
};

}  // namespace

std::vector<bool> draw_held_out(std::span<const FieldRequest> fields, const RecordData& data, std::uint64_t seed) {
  const std::size_t label = find_kind(fields, CellKind::label);
  HeldOutDraw draw;
  Subjects subjects(fields);
  const auto source = data.open(fields, {}, false);
  while (source->next()) {
    draw.add(label == kNone ? "" : std::get<std::string>((*source)[label]));
    subjects.add(*source);
  }
  if (subjects.count() < kHeldOut) return draw.draw(seed);
  HeldOutDraw of_subjects;
  for (std::size_t i = 0; i < subjects.count(); ++i) of_subjects.add("");
  return subjects.spread(of_subjects.draw(seed));
}

}  // namespace recur
