#include "data/batch_windows.h"

#include <algorithm>

namespace recur {
namespace {

// The rows [first, last) of [total, width] elements, or nothing of nothing.
template <class T>
void copy_rows(const std::vector<T>& all, std::size_t total, std::size_t first, std::size_t last, std::vector<T>& to) {
  const std::size_t width = total == 0 ? 0 : all.size() / total;
  to.assign(all.begin() + static_cast<std::ptrdiff_t>(first * width),
            all.begin() + static_cast<std::ptrdiff_t>(last * width));
}

}  // namespace

BatchWindows::BatchWindows(const Batch& whole, std::size_t unroll) : whole_(whole), unroll_(unroll) {
  const auto longest =
      std::ranges::max_element(whole.fields, {}, [](const FieldBatch& field) { return field.steps.length(); });
  steps_ = &longest->steps;
  window_.fields.resize(whole.fields.size());
}

void BatchWindows::seek(std::size_t i) {
  const std::size_t first = i * unroll_, last = std::min(first + unroll_, length());
  const std::size_t records = steps_->rows(first);
  window_.records = whole_.records.first(records);
  window_.gradient_scale = whole_.gradient_scale;
  window_.first_step = first;
  for (std::size_t f = 0; f < whole_.fields.size(); ++f) cut(whole_.fields[f], first, last, window_.fields[f]);
}

// Rows are in the order of time, so that a window's are neighbours.
void BatchWindows::cut(const FieldBatch& whole, std::size_t first, std::size_t last, FieldBatch& to) const {
  const bool sequence = whole.steps.length() == length();
  const std::size_t records = steps_->rows(first);
  const std::size_t total = sequence ? whole.steps.total() : steps_->batch();
  const std::size_t begin = sequence ? whole.steps.offset(first) : 0;
  const std::size_t end = !sequence ? records : last == length() ? total : whole.steps.offset(last);
  copy_rows(whole.ids, total, begin, end, to.ids);
  copy_rows(whole.targets, total, begin, end, to.targets);
  copy_rows(whole.numbers, total, begin, end, to.numbers);
  copy_rows(whole.spellings, total, begin, end, to.spellings);
  to.of.assign(whole.of.begin(), whole.of.begin() + static_cast<std::ptrdiff_t>(std::min(records, whole.of.size())));
  to.column = whole.column;
  if (whole.steps.total() == 0) return;
  if (!sequence) {
    to.steps = Steps::rectangle(records, 1);
    return;
  }
  std::vector<std::size_t> rows;
  for (std::size_t t = first; t < last; ++t) rows.push_back(whole.steps.rows(t));
  to.steps = Steps(rows);
}

}  // namespace recur
