// For fuzz targets whose inputs are JSON: libFuzzer changes values and structure, which bytes changed at random hardly
// ever do. Included once in a target.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace recur {

using Json = nlohmann::json;

inline void list_values(Json& value, std::vector<Json*>& all) {
  all.push_back(&value);
  if (!value.is_structured()) return;
  for (Json& child : value) list_values(child, all);
}

inline std::string mutated(std::string text) {
  constexpr std::size_t kMore = 16;
  const std::size_t size = text.size();
  text.resize(size + kMore);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
  return text;
}

// What tends to be forgotten.
inline Json interesting(std::minstd_rand& random) {
  static const std::vector<Json> kValues = {nullptr,
                                            true,
                                            false,
                                            0,
                                            1,
                                            2,
                                            3,
                                            4,
                                            -1,
                                            0.5,
                                            1e-30,
                                            1e30,
                                            1e300,
                                            -0.0,
                                            1000,
                                            1'000'000,
                                            2'147'483'647U,
                                            2'147'483'648U,
                                            4'294'967'296U,
                                            9'223'372'036'854'775'807U,
                                            18'446'744'073'709'551'615U,
                                            "",
                                            " ",
                                            "\t",
                                            "<unk>",
                                            "<eos>",
                                            "</s>",
                                            Json::array(),
                                            Json::object()};
  return kValues[random() % kValues.size()];
}

// One change at a random place.
inline void mutate(Json& root, std::minstd_rand& random) {
  std::vector<Json*> all;
  list_values(root, all);
  Json& value = *all[random() % all.size()];
  switch (random() % 6) {
    case 0:
      value = interesting(random);
      return;
    case 1:
      value = Json(*all[random() % all.size()]);
      return;
    case 2:
      if (!value.empty() && value.is_array()) value.erase(random() % value.size());
      if (!value.empty() && value.is_object())
        value.erase(std::next(value.begin(), static_cast<std::ptrdiff_t>(random() % value.size())));
      break;
    case 3:
      if (!value.empty() && value.is_array()) value.push_back(Json(value[random() % value.size()]));
      break;
    default:
      break;
  }
  if (value.is_string()) value = mutated(value.get<std::string>());
  if (value.is_boolean()) value = !value.get<bool>();
  if (value.is_number_float()) value = value.get<double>() * (static_cast<double>(random() % 4) - 1);
  if (value.is_number_integer()) value = value.get<std::uint64_t>() + random() % 8 - 3;
}

}  // namespace recur

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  recur::Json value = recur::Json::parse(data, data + size, nullptr, false);
  if (value.is_discarded() || random() % 10 == 0) return LLVMFuzzerMutate(data, size, most);
  for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) recur::mutate(value, random);
  const std::string text = value.dump(-1, ' ', false, recur::Json::error_handler_t::replace);
  if (text.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::ranges::copy(text, data);
  return text.size();
}
