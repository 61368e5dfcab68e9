// How probable lines are to a language model of one text, each for itself: its tokens and its end, after the end of
// another. (infer/surprise.h has them after all that came before.)
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "data/read_records.h"
#include "data/tokenizer.h"
#include "recur/types/prediction.h"
#include "recur/types/tasks.h"
#include "tasks/network.h"

namespace recur {

// The token of a line's end, if there is one.
std::optional<int> line_end(const Tokenizer& tokenizer);

// The one field that such lines have.
Fields line_text(const Tokenizer& tokenizer);
// Lines of at most options.max_length tokens, of which longer ones are cut; empty ones are noted, and bad ones skipped
// if they are to be. Where data are plain lines, they are read as the text was that the network learned from: a \r
// before the end is part of a line.
std::unique_ptr<Records> read_lines(const Tokenizer& tokenizer, const RecordData& data, const PredictOptions& options,
                                    bool before_bad = false);

// Calls use() with the TextScore of each of these lines, in any order. A token that the network does not know, and has
// no <unk> for, is as probable as if all were equally so, and is not read. Of a line that was cut the end does not
// count, and where the network knows no ends of lines the first token does not either: nothing comes before it.
void score_lines(const Network& network, const Records& lines, const PredictOptions& options,
                 const std::function<void(std::size_t line, Prediction&& score)>& use);

}  // namespace recur
