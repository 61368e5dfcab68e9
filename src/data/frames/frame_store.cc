#include "data/frames/frame_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>

#include "base/content_hash.h"
#include "base/error.h"
#include "data/array_header.h"
#include "data/frames/feature_file.h"
#include "data/frames/frame_reader.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// Whole or not at all. Not as models are written, which outlive a power failure: each of these thousands of files would
// wait for the disk, and what is lost is computed anew.
void write_frames(const std::string& path, const Frames& frames) {
  static_assert(std::endian::native == std::endian::little);
  static std::atomic<unsigned> count = 0;
  const std::string partial = fmt::format("{}.{}-{}.partial", path, ::getpid(), count++);
  std::ofstream file(partial, std::ios::binary);
  file << npy_header({frames.values.size() / frames.width, frames.width});
  const auto bytes = std::as_bytes(std::span(frames.values));
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error, ignored;
  if (file) fs::rename(partial, path, error);
  if (file && !error) return;
  fs::remove(partial, ignored);
  fail("{}: frames cannot be written there; give another folder, or leave --feature-cache out", path);
}

std::string text_of(const FramesKey& key) { return key.how + " " + key.path; }

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
  auto frames = std::make_shared<const Frames>(read_npy_frames(file));
  keep_in_memory(key, frames);
  return frames;
}

void FrameStore::keep(const FramesKey& key, const std::shared_ptr<const Frames>& frames) {
  keep_in_memory(key, frames);
  const std::string file = place_of(key);
  if (file.empty() || frames->values.empty()) return;
  write_frames(file, *frames);
}

void FrameStore::keep_in_memory(const FramesKey& key, const std::shared_ptr<const Frames>& frames) {
  if (!key.again) return;
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
  hash.add(fmt::format("{} {} {} {}", key.how, size, time.time_since_epoch().count(), fs::absolute(key.path).string()));
  return fmt::format("{}/{:016x}.npy", folder_, hash.value());
}

}  // namespace recur
