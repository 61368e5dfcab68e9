#include "data/frames/frames_source.h"

#include <deque>
#include <exception>
#include <optional>
#include <vector>

#include "base/threads.h"
#include "data/bad_record.h"
#include "data/frames/frame_reader.h"

namespace recur {
namespace {

Numbers numbers_of(const Frames& frames) { return {{frames.values.begin(), frames.values.end()}, frames.width}; }

class FramesSource final : public Source {
 public:
  FramesSource(std::unique_ptr<Source> source, std::span<const FieldRequest> fields, std::shared_ptr<FrameStore> store,
               const SourceOptions& options)
      : source_(std::move(source)),
        fields_(fields.begin(), fields.end()),
        store_(std::move(store)),
        answers_(options.answers) {
    if (options.speed > 0) speeds_ = {1, 1 - options.speed, 1 + options.speed};
    expected_ = source_->expected();
    for (const FieldRequest& field : fields_) how_.push_back(FrameReader(field).how());
    const std::size_t workers = thread_count();
    readers_.resize(workers);
    for (auto& own : readers_) {
      for (const FieldRequest& field : fields_) own.emplace_back(field);
    }
  }

  bool next() override {
    if (at_ + 1 < block_.size()) {
      ++at_;
    } else if (!read_block()) {
      return false;
    }
    Item& item = block_[at_];
    if (item.bad) throw BadRecord(*item.bad);
    blank_ = item.blank;
    cells_ = std::move(item.cells);
    if (!item.problem.empty()) fail(item.problem);
    return true;
  }

  std::string place() const override { return at_ < block_.size() ? block_[at_].place : source_->place(); }

 private:
  struct Item {
    std::vector<Cell> cells;
    std::string place, problem;
    std::optional<BadRecord> bad;  // instead of all this
    double speed = 1;
    bool blank = false;
  };

  // Moves to the first of the next records, as many as are worth several threads.
  bool read_block() {
    const std::size_t most = 16 * readers_.size();
    block_.clear();
    at_ = 0;
    while (block_.size() < most) {
      try {
        if (!source_->next()) break;
      } catch (const BadRecord& bad) {
        block_.emplace_back().bad = bad;
        continue;
      }
      for (const double speed : speeds_) {
        Item& item = block_.emplace_back();
        for (std::size_t i = 0; i < fields_.size(); ++i) item.cells.push_back((*source_)[i]);
        item.place = source_->place();
        item.blank = source_->blank();
        item.speed = speed;
      }
    }
    parallel_for(block_.size(), [&](std::size_t i, std::size_t worker) {
      if (block_[i].bad) return;
      try {
        read_item(block_[i], readers_[worker]);
      } catch (const std::exception& error) {
        block_[i].problem = error.what();
      }
    });
    return !block_.empty();
  }

  void read_item(Item& item, std::vector<FrameReader>& readers) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      Cell& cell = item.cells[i];
      if (fields_[i].kind != CellKind::frames || std::holds_alternative<std::monostate>(cell)) continue;
      if (fields_[i].answer && !answers_) {
        cell = {};
        continue;
      }
      const auto* path = std::get_if<std::string>(&cell);
      if (path != nullptr && path->empty()) {
        cell = Numbers();
        continue;
      }
      cell = numbers_of(*frames_of(cell, i, readers[i], item.speed));
    }
  }

  std::shared_ptr<const Frames> frames_of(const Cell& cell, std::size_t field, FrameReader& reader,
                                          double speed) const {
    const auto* path = std::get_if<std::string>(&cell);
    if (path == nullptr || !store_) return std::make_shared<const Frames>(reader.read(cell, speed));
    const FramesKey key{*path, how_[field], speed};
    std::shared_ptr<const Frames> frames = store_->find(key);
    if (frames == nullptr) {
      frames = std::make_shared<const Frames>(reader.read(cell, speed));
      store_->keep(key, frames);
    }
    return frames;
  }

  std::unique_ptr<Source> source_;
  std::vector<FieldRequest> fields_;
  std::shared_ptr<FrameStore> store_;
  bool answers_;                                   // whether they are looked at
  std::vector<std::string> how_;                   // [fields]: FrameReader::how()
  std::vector<double> speeds_ = {1};               // at which each record comes, one after the other
  std::vector<std::vector<FrameReader>> readers_;  // [workers][fields]
  std::deque<Item> block_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Source> with_frames(std::unique_ptr<Source> source, std::span<const FieldRequest> fields,
                                    std::shared_ptr<FrameStore> store, const SourceOptions& options) {
  return std::make_unique<FramesSource>(std::move(source), fields, std::move(store), options);
}

}  // namespace recur
