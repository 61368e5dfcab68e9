#include "io/epoch_files.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "recur/types/training.h"

namespace recur {
namespace {

constexpr std::string_view kEnding = ".safetensors", kEpoch = ".epoch-";

std::string stem_of(const std::string& model) {
  return model.ends_with(kEnding) ? model.substr(0, model.size() - kEnding.size()) : model;
}

// Of a name that epoch_path() may have made of `stem`.
std::optional<std::uint64_t> epoch_of(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || !name.ends_with(kEnding)) return {};
  name.remove_prefix(stem.size());
  if (!name.starts_with(kEpoch) || name.size() <= kEpoch.size() + kEnding.size()) return {};
  name.remove_prefix(kEpoch.size());
  name.remove_suffix(kEnding.size());
  std::uint64_t epoch = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), epoch);
  if (error != std::errc() || end != name.data() + name.size() || name.front() == '0') return {};
  return epoch;
}

}  // namespace

std::string epoch_path(const std::string& model, std::uint64_t epoch) {
  return fmt::format("{}{}{}{}", stem_of(model), kEpoch, epoch, kEnding);
}

std::string checkpoint_path(const std::string& model) { return fmt::format("{}.last{}", stem_of(model), kEnding); }

bool is_epoch_path(const std::string& path, const std::string& model) {
  std::error_code error;
  const std::filesystem::path stem = stem_of(model), file = path;
  const auto folder = [&](const std::filesystem::path& of) {
    return std::filesystem::weakly_canonical(of.has_parent_path() ? of.parent_path() : ".", error);
  };
  return folder(file) == folder(stem) && epoch_of(file.filename().string(), stem.filename().string());
}

void remove_other_epochs(const std::string& model, std::uint64_t epoch, std::uint64_t keep) {
  const std::filesystem::path stem = stem_of(model);
  std::error_code error;
  std::vector<std::filesystem::path> others;
  const std::filesystem::path folder = stem.has_parent_path() ? stem.parent_path() : ".";
  std::filesystem::directory_iterator file(folder, error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    const auto other = epoch_of(file->path().filename().string(), stem.filename().string());
    if (other && (*other > epoch || epoch - *other >= keep)) others.push_back(file->path());
  }
  for (const std::filesystem::path& other : others) {
    std::filesystem::remove(other, error);
    if (error) fail("{}: cannot remove: {}", other.string(), error.message());
  }
}

}  // namespace recur
