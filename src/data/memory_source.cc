#include "data/memory_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/content_hash.h"
#include "base/error.h"

namespace recur {
namespace {

bool fits(const Cell& cell, CellKind kind) {
  switch (kind) {
    case CellKind::text:
    case CellKind::label:
      return std::holds_alternative<std::string>(cell);
    case CellKind::labels:
    case CellKind::words:
      return std::holds_alternative<std::vector<std::string>>(cell);
    case CellKind::numbers:
    case CellKind::notes:
    case CellKind::number:
      return std::holds_alternative<Numbers>(cell);
    case CellKind::frames:
      return std::holds_alternative<Numbers>(cell) || std::holds_alternative<std::string>(cell);
  }
  return false;
}

const char* expected_of(CellKind kind) {
  switch (kind) {
    case CellKind::text:
      return "a text";
    case CellKind::label:
      return "a label";
    case CellKind::labels:
      return "labels";
    case CellKind::words:
      return "words";
    case CellKind::frames:
      return "numbers or a path";
    case CellKind::number:
      return "a number";
    case CellKind::numbers:
    case CellKind::notes:
      break;
  }
  return "numbers";
}

class MemorySource : public Source {
 public:
  MemorySource(std::span<const Record> records, std::span<const FieldRequest> fields, const SourceOptions& options)
      : records_(records), fields_(fields.begin(), fields.end()), options_(options) {
    expected_ = "records with";
    for (const FieldRequest& field : fields) expected_ += (&field == fields.data() ? " " : ", ") + field.name;
  }

  bool next() override {
    if (next_ == records_.size()) return false;
    const Record& record = records_[next_++];
    cells_.assign(fields_.size(), {});
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const FieldRequest& field = fields_[i];
      const auto named = std::ranges::find(record, field.name, &NamedCell::field);
      if (named != record.end()) cells_[i] = named->cell;
      const bool missing = std::holds_alternative<std::monostate>(cells_[i]);
      if (missing && field.answer && !options_.answers) continue;
      if (!fits(cells_[i], field.kind)) {
        fail(fmt::format("expected {} as \"{}\", got {}", expected_of(field.kind), field.name,
                         missing ? "nothing" : "another kind of cell"));
      }
      check_numbers(cells_[i], field);
    }
    return true;
  }

  // From 0, as a program counts them.
  std::string place() const override { return fmt::format("record {}", next_ - 1); }

 private:
  void check_numbers(const Cell& cell, const FieldRequest& field) const {
    const auto* numbers = std::get_if<Numbers>(&cell);
    if (numbers == nullptr) return;
    if (numbers->width == 0 || numbers->values.size() % numbers->width != 0) {
      fail(fmt::format("\"{}\" has {} numbers, which are no rows of {}", field.name, numbers->values.size(),
                       numbers->width));
    }
    if (!std::ranges::all_of(numbers->values, [&](double x) { return takes_number(field, x); })) {
      fail(fmt::format("expected finite numbers as \"{}\", none beyond 3.4e38", field.name));
    }
  }

  std::span<const Record> records_;
  std::vector<FieldRequest> fields_;
  SourceOptions options_;
  std::size_t next_ = 0;
};

}  // namespace

namespace {

// Each piece with its size, so that no cut between two can move.
struct CellHash {
  ContentHash& hash;

  template <class T>
  void add(std::span<const T> piece) const {
    const std::size_t size = piece.size();
    hash.add({reinterpret_cast<const char*>(&size), sizeof size});
    hash.add({reinterpret_cast<const char*>(piece.data()), piece.size_bytes()});
  }
  void operator()(std::monostate) const {}
  void operator()(const std::string& text) const { add(std::span(text)); }
  void operator()(const std::vector<std::string>& words) const {
    add(std::span<const std::size_t>({words.size()}));
    for (const std::string& word : words) (*this)(word);
  }
  void operator()(const Numbers& numbers) const {
    add(std::span<const std::size_t>({numbers.width}));
    add(std::span(numbers.values));
  }
};

}  // namespace

std::uint64_t hash_of(std::span<const Record> records) {
  ContentHash hash;
  const CellHash add{hash};
  for (const Record& record : records) {
    for (const NamedCell& named : record) {
      add(named.field);
      std::visit(add, named.cell);
    }
  }
  return hash.value();
}

std::uint64_t hash_of(std::span<const Cell> cells) {
  ContentHash hash;
  for (const Cell& cell : cells) std::visit(CellHash{hash}, cell);
  return hash.value();
}

namespace {

struct KeptRecord {
  std::vector<Record> records;
};

class OneRecord : private KeptRecord, public MemorySource {
 public:
  OneRecord(Record record, std::span<const FieldRequest> fields, const SourceOptions& options)
      : KeptRecord{{std::move(record)}}, MemorySource(records, fields, options) {}
  std::string place() const override { return "--data"; }
};

}  // namespace

std::unique_ptr<Source> open_record(Record record, std::span<const FieldRequest> fields, const SourceOptions& options) {
  return std::make_unique<OneRecord>(std::move(record), fields, options);
}

std::unique_ptr<Source> open_memory(std::span<const Record> records, std::span<const FieldRequest> fields,
                                    const SourceOptions& options) {
  return std::make_unique<MemorySource>(records, fields, options);
}

}  // namespace recur
