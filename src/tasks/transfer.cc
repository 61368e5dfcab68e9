#include "tasks/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/show.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

using Declaration = Parameters::Declaration;

constexpr std::string_view kEncoder = "encoder.";

std::string_view plain_name(std::string_view name) {
  return name.starts_with(kEncoder) ? name.substr(kEncoder.size()) : name;
}

const Declaration* counterpart(const Parameters& in, const std::string& name) {
  const auto& all = in.declarations();
  auto place = std::ranges::find(all, name, &Declaration::name);
  if (place == all.end()) {
    place = std::ranges::find_if(all, [&](const Declaration& d) { return plain_name(d.name) == plain_name(name); });
  }
  return place == all.end() ? nullptr : &*place;
}

std::vector<Field::Names> all_names(const Fields& fields) {
  std::vector<Field::Names> all;
  for (const auto& field : fields) {
    for (Field::Names& names : field->names_of_ids()) all.push_back(std::move(names));
  }
  return all;
}

const Field::Names* names_called(const std::vector<Field::Names>& all, std::string_view name) {
  const auto place = std::ranges::find(all, name, &Field::Names::vocabulary);
  return place == all.end() ? nullptr : &*place;
}

// For each id of one vocabulary the id of another, or none. The end of a line is the end of a text.
class IdMap {
 public:
  IdMap(const Field::Names& to, const Field::Names& from) : text(to.text), to_(to.of.size()), from_(from.of.size()) {
    std::unordered_map<std::string_view, std::size_t> ids;
    for (std::size_t id = 0; id < from.of.size(); ++id) ids.emplace(from.of[id], id);
    const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
      const auto place = ids.find(name);
      return place == ids.end() ? std::nullopt : std::optional(place->second);
    };
    const bool has_ends = find("</s>").has_value();
    for (const std::string& name : to.of) {
      std::optional<std::size_t> id = find(name);
      if (!id && text && (name == kEndOfLineToken || name == "\n")) id = find("</s>");
      if (!id && text && !has_ends && (name == "<s>" || name == "</s>")) {
        id = find(kEndOfLineToken);
        if (!id) id = find("\n");
      }
      id_of_.push_back(id);
      known_ += id ? 1 : 0;
    }
  }

  std::size_t to() const { return to_; }
  std::size_t from() const { return from_; }
  std::size_t known() const { return known_; }
  std::optional<std::size_t> operator[](std::size_t id) const { return id_of_[id]; }
  bool is_identity() const {
    std::size_t id = 0;
    return to_ == from_ && std::ranges::all_of(id_of_, [&](const auto& other) { return other == id++; });
  }

  bool text;

 private:
  std::size_t to_, from_, known_ = 0;
  std::vector<std::optional<std::size_t>> id_of_;
};

std::vector<float> mean_of_rows(const float* rows, std::size_t count, std::size_t width) {
  std::vector<float> mean(width);
  for (std::size_t i = 0; i < width; ++i) {
    double sum = 0;
    for (std::size_t row = 0; row < count; ++row) sum += static_cast<double>(rows[row * width + i]);
    mean[i] = static_cast<float>(sum / static_cast<double>(count));
  }
  return mean;
}

// Rows [rows, width], of which each block of to() is about all tokens; what is behind the last has the same meaning in
// both. New tokens take the mean of the old.
void copy_rows(const float* from, const Declaration& source, float* to, const Declaration& d, const IdMap& map) {
  const std::size_t width = Parameters::extents(d).second, blocks = Parameters::extents(d).first / map.to();
  for (std::size_t block = 0; block < blocks; ++block) {
    const float* const old = from + block * map.from() * width;
    float* const rows = to + block * map.to() * width;
    const std::vector<float> mean = mean_of_rows(old, map.from(), width);
    for (std::size_t id = 0; id < map.to(); ++id) {
      if (map[id]) {
        std::copy_n(old + *map[id] * width, width, rows + id * width);
      } else if (map.text) {
        std::ranges::copy(mean, rows + id * width);
      }
    }
  }
  const std::size_t done = blocks * map.from() * width;
  std::copy(from + done, from + source.size, to + blocks * map.to() * width);
}

// A square [names, names].
void copy_square(const float* from, float* to, const IdMap& map) {
  for (std::size_t row = 0; row < map.to(); ++row) {
    for (std::size_t column = 0; column < map.to(); ++column) {
      if (map[row] && map[column]) to[row * map.to() + column] = from[*map[row] * map.from() + *map[column]];
    }
  }
}

// Pairs the vocabularies of two networks.
class Transfer {
 public:
  Transfer(Network& network, const Network& from)
      : network_(network), from_(from), names_(all_names(network.fields())), known_(all_names(from.fields())) {}

  // Whether there was anything to take for a parameter.
  bool take(const Declaration& d) {
    const Declaration* source = counterpart(from_.parameters(), d.name);
    if (source == nullptr) return false;
    const float* const values = from_.parameters().values().data() + source->offset;
    float* const to = network_.parameters().values().data() + d.offset;
    if (d.vocabulary.empty()) {
      if (!source->vocabulary.empty() || source->shape != d.shape) return false;
      std::copy_n(values, d.size, to);
      return true;
    }
    const IdMap* map = map_for(d.vocabulary, source->vocabulary);
    if (map == nullptr || map->known() == 0 || !fits(d, *source, *map)) return false;
    if (d.columns_too) {
      copy_square(values, to, *map);
    } else {
      copy_rows(values, *source, to, d, *map);
    }
    return true;
  }
  // "9512 of 10034 tokens", of the vocabularies that were paired.
  std::string told() const {
    std::string text;
    for (const auto& [key, map] : maps_) {
      text += fmt::format(", {} of {} {} of {}", with_thousands(map.known()), with_thousands(map.to()),
                          map.text ? "tokens" : "names", quote(key.first));
    }
    return text;
  }

 private:
  const IdMap* map_for(const std::string& vocabulary, const std::string& other) {
    const std::pair key(vocabulary, other);
    for (const auto& [known, map] : maps_) {
      if (known == key) return &map;
    }
    const Field::Names *to = names_called(names_, vocabulary), *from = names_called(known_, other);
    if (to == nullptr || from == nullptr || to->text != from->text) return nullptr;
    return &maps_.emplace_back(key, IdMap(*to, *from)).second;
  }
  // Whether rows stand for the same number of tables of tokens and of what is behind them, and are as wide.
  static bool fits(const Declaration& d, const Declaration& source, const IdMap& map) {
    const auto [rows, width] = Parameters::extents(d);
    const auto [old_rows, old_width] = Parameters::extents(source);
    if (d.transposed != source.transposed || d.columns_too != source.columns_too) return false;
    if (d.columns_too) return rows == map.to() && old_rows == map.from();
    if (rows < map.to()) return source.shape == d.shape && map.is_identity();  // a cluster of tokens
    return width == old_width && rows / map.to() == old_rows / map.from() && rows % map.to() == old_rows % map.from();
  }

  Network& network_;
  const Network& from_;
  std::vector<Field::Names> names_, known_;
  std::vector<std::pair<std::pair<std::string, std::string>, IdMap>> maps_;
};

}  // namespace

void begin_fields(const Fields& fields, const Fields& known) {
  std::vector<const Field*> texts;
  for (const auto& field : known) {
    const std::vector<Field::Names> names = field->names_of_ids();
    if (!names.empty() && names.front().text) texts.push_back(field.get());
  }
  for (const auto& field : fields) {
    const auto same = std::ranges::find(known, field->name(), [](const auto& other) { return other->name(); });
    const bool begun = same != known.end() && field->begin_with(**same);
    if (!begun && texts.size() == 1) field->begin_with(*texts.front());
  }
}

std::string take_parameters(Network& network, const Network& from, const std::string& file) {
  Transfer transfer(network, from);
  std::size_t taken = 0, numbers = 0;
  std::string left;
  for (const Declaration& d : network.parameters().declarations()) {
    if (transfer.take(d)) {
      ++taken;
      numbers += d.size;
    } else {
      left += (left.empty() ? "" : ", ") + d.name;
    }
  }
  const std::size_t all = network.parameters().declarations().size();
  if (taken == 0) {
    fail("--init-from: {} has no parameter of the names and shapes of this network's, {}; give it the same layers",
         file, left);
  }
  std::string text =
      fmt::format("{}: took {} of {} tensors, {} of {} numbers{}", file, taken, all, with_thousands(numbers),
                  with_thousands(network.parameters().count()), transfer.told());
  return left.empty() ? text : text + "; not " + left;
}

}  // namespace recur
