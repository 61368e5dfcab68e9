// How well chunks were found, as a table for people: that of conlleval of the CoNLL shared tasks.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace recur {

// Of the metrics of `recur eval`; nothing where there are no chunks among them. A type's last number is how many of it
// were found, rightly or not.
std::string chunk_table(const nlohmann::ordered_json& metrics);

}  // namespace recur
