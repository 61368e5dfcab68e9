// A network that starts from another's vocabularies and parameters.
//
// Parameters are paired by name, where those of an encoder are named as those of a model without one. They are taken
// whole where their shapes are the same, row by row where rows stand for tokens or labels: those that both know. A
// token that is new begins as the mean of all the other has (Howard & Ruder 2018), a new label as if there were no
// other network.
#pragma once

#include <string>

#include "tasks/network.h"

namespace recur {

// Fields that have learned nothing begin with the vocabularies of the fields that have their names, or of the only
// text.
void begin_fields(const Fields& fields, const Fields& known);

// Gives `network` what it can take of `from`, and says so in one line: how many parameters, how many tokens, what not.
// Throws Error, naming `file`, where that is nothing.
std::string take_parameters(Network& network, const Network& from, const std::string& file);

}  // namespace recur
