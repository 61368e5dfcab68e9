// What recur eval says as a table, for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace recur {

// Of a classifier: precision, recall, F1 and support of each label, and below it every other number by its name. Of
// chunks the table of conlleval of the CoNLL shared tasks, where a type's last number is how many of it were found,
// rightly or not. Of other metrics nothing.
std::string metric_table(const nlohmann::ordered_json& metrics);

}  // namespace recur
