// A field of a model's records: it learns what it must from training data (a vocabulary, labels, moments), encodes what
// records have in it, lays that out in batches, says what it is to people, and goes into the model file. What an
// encoded record was can be had back: measures compare predictions with it.
//
// Nothing in a field changes once it has learned: any number of threads may use one.
#pragma once

#include <algorithm>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "data/batch.h"
#include "data/source.h"
#include "recur/types/recipe.h"

namespace recur {

class Field {
 public:
  Field(const FieldSpec& spec, CellKind kind) : request_{spec.name, kind, spec.answer}, aside_(spec.aside) {}
  Field(const FieldSpec& spec, FieldRequest request) : request_(std::move(request)), aside_(spec.aside) {}
  virtual ~Field() = default;
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;

  const std::string& name() const { return request_.name; }
  const FieldRequest& request() const { return request_; }
  bool answer() const { return request_.answer; }

  // Shown the cell of every record of the training data, once or, while finish_pass() asks for it, several times.
  // Throws Error of what makes no sense there.
  virtual void learn(const Source& source, const Cell& cell) = 0;
  // Of labels or tags, while it learns: how many different ones there are.
  virtual std::size_t names_so_far() const { return 0; }
  virtual bool finish_pass(const std::string& /*data*/) { return false; }

  // A record's cell on its way into a column.
  struct Encoded {
    std::vector<int> ids;
    std::vector<std::uint64_t> keys;  // see Column
    std::vector<double> numbers;
    std::size_t length = 0;  // steps; 0: nothing is there, or it is no sequence
  };
  // Throws Error naming the record for what cannot be encoded. An empty text has length 0.
  virtual void encode(const Source& source, const Cell& cell, Encoded& to) const = 0;
  virtual bool is_sequence() const { return true; }
  // Whether it is read beside the sequence whose lengths make batches.
  bool aside() const { return aside_; }
  // Whether a sequence has one step for each of the input's.
  virtual bool follows_input() const { return false; }
  // What is wrong with a record of whose cell nothing was encoded.
  virtual std::string empty_problem(const Source& source, const Cell& cell) const;
  // Adds what was encoded, of which at most `most` steps are kept; `texts`: with what was in the file.
  virtual void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const = 0;
  // Steps of a record that was added, for the limits of batches.
  virtual std::size_t length(const Column& column, std::size_t record) const = 0;

  // Lays out some records.
  virtual void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const = 0;
  // Throws Error where what was read, all of it, cannot be meant for this field; `data` is where it came from.
  virtual void check(const Column& /*column*/, const std::string& /*data*/) const {}

  // What a record has: as in the file, if that was kept where it cannot be told from its ids.
  virtual Cell cell(const Column& column, std::size_t record) const = 0;

  // How many different tokens it may have; 0: it has none.
  virtual std::size_t vocabulary() const { return 0; }
  // What its ids stand for, once it has learned: of a text and of labels one vocabulary, which has its name.
  struct Names {
    std::string vocabulary;
    std::vector<std::string> of;  // each id
    bool text = true;             // tokens of a text, else one of a few names
  };
  virtual std::vector<Names> names_of_ids() const { return {}; }
  // Before it learns: what `known`, another model's field, knows is known to this one, too, as far as it is about
  // texts of the same kind. False where they have nothing in common.
  virtual bool begin_with(const Field& /*known*/) { return false; }
  // Into a model's configuration.
  virtual void write(nlohmann::json& configuration) const = 0;
  // For people: "10,034 words".
  virtual std::string describe() const = 0;

 private:
  FieldRequest request_;
  bool aside_;
};

using Fields = std::vector<std::unique_ptr<Field>>;

// One that has learned nothing.
std::unique_ptr<Field> make_field(const FieldSpec& spec);
// Lets those of a recipe's fields share a vocabulary that are to.
void share_vocabularies(const Fields& fields);
// One that had written itself. Throws Error for whatever it cannot have written.
std::unique_ptr<Field> read_field(const FieldSpec& spec, const nlohmann::json& configuration);

std::vector<FieldRequest> requests_of(const Fields& fields);
// The index of the field of that name. Throws Error where there is none, naming `who` asked.
std::size_t field_named(const Fields& fields, std::string_view name, const char* who);
[[noreturn]] void fail_wrong_field(std::string_view name, const char* who);
template <class F>
const F& field_as(const Fields& fields, std::string_view name, const char* who) {
  const auto* field = dynamic_cast<const F*>(fields[field_named(fields, name, who)].get());
  if (field == nullptr) fail_wrong_field(name, who);
  return *field;
}

template <class F>
bool field_is(const Fields& fields, std::string_view name) {
  return std::ranges::any_of(fields, [&](const auto& field) {
    return field->name() == name && dynamic_cast<const F*>(field.get()) != nullptr;
  });
}

// Lays out steps of these lengths, longest first.
void lay_out(std::span<const std::size_t> lengths, FieldBatch& to);
// Lays out the sequences of some records, each step of `width` elements.
template <class T>
void pack_steps(const Ragged<T>& sequences, std::span<const std::size_t> records, FieldBatch& to,
                std::vector<T>& elements, std::size_t width = 1) {
  std::vector<std::size_t> lengths;
  for (const std::size_t record : records) lengths.push_back(sequences[record].size() / width);
  lay_out(lengths, to);
  elements.clear();
  elements.reserve(to.steps.total() * width);
  for (std::size_t t = 0; t < to.steps.length(); ++t) {
    for (std::size_t row = 0; row < to.steps.rows(t); ++row) {
      const std::span<const T> step = sequences[records[to.of[row]]].subspan(t * width, width);
      elements.insert(elements.end(), step.begin(), step.end());
    }
  }
}

// Lays out some records, which are longest first.
Batch make_batch(const Fields& fields, const Records& records, std::span<const std::size_t> which);

}  // namespace recur
