// Sentences in CoNLL's columns: a word a line, its first column the word and its last the tag, with blanks or tabs
// between; an empty line between sentences. Or in CoNLL-U (universaldependencies.org), which shows by the number 1 in
// the first of ten columns: there the form is the word and UPOS the tag, and comments, ranges of words and empty nodes
// are not read.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "tasks/records.h"

namespace recur {

struct Sentence {
  std::vector<std::string> words, tags;  // tags: as many, or none when they are not asked for
};

// Calls visit(sentence) for every sentence that is wanted, within the limit. Without answers a sentence over the limit
// is not cut but comes in parts, and where the file has empty lines is noted in `records`; a line without a word, whose
// first column is empty, is one of them. Throws Error naming file and line of a word without a tag or a tag without a
// word.
void read_sentences(const InputFile& file, const ReadOptions& options, Records& records,
                    const std::function<void(const Sentence& sentence)>& visit);

}  // namespace recur
