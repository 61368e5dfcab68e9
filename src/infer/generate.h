// Sampling: each output becomes the next input.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "infer/author.h"

namespace recur {

// Writes the prompt and what comes after it, until the author ends the text or it has options().length tokens more. A
// piece is written as soon as no part of it can belong to a stop text and it ends with a whole character.
void generate(Author& author, const std::function<void(std::string_view)>& write);

// So many texts, step by step together: the first as above, and text i, from 0 on, as it would be with a seed larger by
// i. Calls use() with each, in order.
void generate(Author& author, std::size_t count, const std::function<void(std::string&&)>& use);

}  // namespace recur
