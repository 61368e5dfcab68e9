#include "data/given_cells.h"

#include <algorithm>
#include <utility>

namespace recur {
namespace {

const NamedCell* find_given(std::span<const NamedCell> given, const FieldRequest& field) {
  const auto place = std::ranges::find(given, field.name, &NamedCell::field);
  return place == given.end() ? nullptr : &*place;
}

class GivenCells final : public Source {
 public:
  GivenCells(std::unique_ptr<Source> source, std::span<const FieldRequest> fields, std::vector<NamedCell> given)
      : source_(std::move(source)), fields_(fields.begin(), fields.end()), given_(std::move(given)) {
    expected_ = source_->expected();
  }

  bool next() override {
    if (!source_->next()) return false;
    blank_ = source_->blank();
    cut_ = source_->cut();
    line_ = source_->line();
    cells_.clear();
    std::size_t asked = 0;
    for (const FieldRequest& field : fields_) {
      const NamedCell* given = find_given(given_, field);
      cells_.push_back(given != nullptr ? given->cell : (*source_)[asked++]);
    }
    return true;
  }

  std::string place() const override { return source_->place(); }

 private:
  std::unique_ptr<Source> source_;
  std::vector<FieldRequest> fields_;
  std::vector<NamedCell> given_;
};

}  // namespace

std::unique_ptr<Source> with_given(std::unique_ptr<Source> source, std::span<const FieldRequest> fields,
                                   std::vector<NamedCell> given) {
  return std::make_unique<GivenCells>(std::move(source), fields, std::move(given));
}

std::vector<FieldRequest> without_given(std::span<const FieldRequest> fields, std::span<const NamedCell> given) {
  std::vector<FieldRequest> asked;
  for (const FieldRequest& field : fields) {
    if (find_given(given, field) == nullptr) asked.push_back(field);
  }
  return asked;
}

}  // namespace recur
