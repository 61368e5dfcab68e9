// Frames of files that were read, for who reads the same again.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "data/frames/features.h"

namespace recur {

// A file, and all by which its frames may differ: FrameReader::how(), and at what speed it is heard.
struct FramesKey {
  std::string path, how;
  double speed = 1;
};

// In memory those of files as they are, which a run reads again, as many as fit in `most` bytes. And, where a folder is
// given, those of sounds and pictures there, a .npy each, for other runs: of a file that has changed, or is read in
// another way, they are not found. Any number of threads may use one.
class FrameStore {
 public:
  // Makes the folder if need be; throws Error where that cannot be.
  explicit FrameStore(std::string folder = {}, std::size_t most = std::size_t{1} << 30);

  // Null where they are not kept, or the folder's file holds something else.
  std::shared_ptr<const Frames> find(const FramesKey& key);
  // Throws Error where the folder cannot be written to.
  void keep(const FramesKey& key, const std::shared_ptr<const Frames>& frames);

 private:
  void keep_in_memory(const FramesKey& key, const std::shared_ptr<const Frames>& frames);
  // Where they are in the folder; empty where they are not to be.
  std::string place_of(const FramesKey& key) const;

  std::string folder_;
  std::mutex mutex_;
  std::size_t most_, bytes_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const Frames>> frames_;  // by all of the key
};

}  // namespace recur
