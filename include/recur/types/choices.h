// Names of the values of an enum, told once, where the enum is.
//
//   enum class Pooling { last, mean };
//   template <>
//   inline constexpr auto choices<Pooling> = std::array{Named{Pooling::last, "last"}, Named{Pooling::mean, "mean"}};
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace recur {

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};
template <class Enum>
Named(Enum, std::string_view) -> Named<Enum>;  // clang 14 does not deduce it

template <class Enum>
inline constexpr auto choices = nullptr;

template <class Enum>
concept Chosen = std::is_enum_v<Enum> && !std::is_null_pointer_v<std::remove_const_t<decltype(choices<Enum>)>>;

// Empty for a value that is none of the enum's.
template <Chosen Enum>
constexpr std::string_view to_string(Enum value) {
  for (const auto& choice : choices<Enum>) {
    if (choice.value == value) return choice.name;
  }
  return "";
}

template <Chosen Enum>
constexpr std::optional<Enum> choice_named(std::string_view name) {
  for (const auto& choice : choices<Enum>) {
    if (choice.name == name) return choice.value;
  }
  return std::nullopt;
}

template <Chosen Enum>
std::vector<Enum> all_choices() {
  std::vector<Enum> all;
  for (const auto& choice : choices<Enum>) all.push_back(choice.value);
  return all;
}

}  // namespace recur
