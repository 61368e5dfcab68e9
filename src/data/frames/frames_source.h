// Records whose files have become frames: what a source says is a path, or samples, is then Numbers.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>

#include "data/frames/frame_reader.h"
#include "data/source.h"

namespace recur {

// Frames of files that were read, for who reads the same records again: as many as fit in `most` bytes. Any number of
// threads may use one.
class FrameStore {
 public:
  explicit FrameStore(std::size_t most = std::size_t{1} << 30) : most_(most) {}

  // Null where they are not kept.
  std::shared_ptr<const Frames> find(std::size_t field, const std::string& path) const;
  void keep(std::size_t field, const std::string& path, std::shared_ptr<const Frames> frames);

 private:
  mutable std::mutex mutex_;
  std::size_t most_, bytes_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const Frames>> frames_;  // by the field's number and the path
};

// The source with frames in the place of paths and samples. Reads some records ahead, and their files on several
// threads; what is wrong with a file is told when its record is moved to. `store` may be null. `speed` above 0: after
// each record come two more versions of it, SourceOptions.
std::unique_ptr<Source> with_frames(std::unique_ptr<Source> source, std::span<const FieldRequest> fields,
                                    std::shared_ptr<FrameStore> store, double speed = 0);

}  // namespace recur
