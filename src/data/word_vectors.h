// Word vectors from a file of text, as word2vec (Mikolov et al. 2013) and GloVe (Pennington, Socher & Manning 2014)
// write them: a line "word x1 x2 ..." for each word, and possibly a first line "count width".
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// Fills rows of `table` [n, width]: row_of(word) is the row of a word in [0, n), or -1 if the word is not wanted; of
// several vectors of a row the first counts. Returns how many rows were filled. Reads a file of any size in bounded
// memory. Throws Error naming file and line for a vector of another width, for one that is wanted and holds what is no
// finite number, and for a file without vectors.
std::size_t read_word_vectors(const std::string& path, std::size_t width,
                              const std::function<int(std::string_view)>& row_of, std::span<float> table);

}  // namespace recur
