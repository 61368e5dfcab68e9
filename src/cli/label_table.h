// How well a classifier does, for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace recur {

// What recur eval says of a classifier as a table: precision, recall, F1 and support of each label, and below it every
// other number by its name.
std::string label_table(const nlohmann::ordered_json& metrics);

}  // namespace recur
