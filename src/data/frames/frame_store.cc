#include "data/frames/frame_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <system_error>

#include "base/content_hash.h"
#include "base/error.h"
#include "base/file.h"
#include "data/array_header.h"
#include "data/frames/feature_file.h"
#include "data/frames/frame_reader.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

std::string text_of(const FramesKey& key) { return fmt::format("{} {} {}", key.how, key.speed, key.path); }

}  // namespace

FrameStore::FrameStore(std::string folder, std::size_t most) : folder_(std::move(folder)), most_(most) {
  if (folder_.empty()) return;
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fail("{}: cannot be made a folder for frames: {}", folder_, error.message());
}

std::shared_ptr<const Frames> FrameStore::find(const FramesKey& key) {
  {
    const std::lock_guard lock(mutex_);
    const auto place = frames_.find(text_of(key));
    if (place != frames_.end()) return place->second;
  }
  const std::string file = place_of(key);
  std::error_code error;
  if (file.empty() || !fs::exists(file, error)) return nullptr;
  std::shared_ptr<const Frames> frames;
  try {
    frames = std::make_shared<const Frames>(read_npy_frames(file, std::numeric_limits<std::uint64_t>::max()));
  } catch (const Error&) {
    return nullptr;  // damaged: keep() writes it anew
  }
  keep_in_memory(key, frames);
  return frames;
}

void FrameStore::keep(const FramesKey& key, const std::shared_ptr<const Frames>& frames) {
  keep_in_memory(key, frames);
  const std::string file = place_of(key);
  if (file.empty() || frames->values.empty()) return;
  OutputFile output(file, OutputFile::Safety::memory);
  write_npy(output, {frames->values.size() / frames->width, frames->width}, frames->values);
  output.commit();
}

void FrameStore::keep_in_memory(const FramesKey& key, const std::shared_ptr<const Frames>& frames) {
  if (key.speed != 1) return;
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = frames->values.size() * sizeof(float);
  if (bytes_ + bytes > most_ || !frames_.emplace(text_of(key), frames).second) return;
  bytes_ += bytes;
}

std::string FrameStore::place_of(const FramesKey& key) const {
  if (folder_.empty() || !is_record_path(key.path)) return {};
  std::error_code no_size, no_time;
  const std::uintmax_t size = fs::file_size(key.path, no_size);
  const fs::file_time_type time = fs::last_write_time(key.path, no_time);
  if (no_size || no_time) return {};
  ContentHash hash;
  hash.add(fmt::format("{} {} {} {} {}", key.how, key.speed, size, time.time_since_epoch().count(),
                       fs::absolute(key.path).string()));
  return fmt::format("{}/{:016x}.npy", folder_, hash.value());
}

}  // namespace recur
