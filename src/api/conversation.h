// A language model and somebody else who write in turns. Of an endless text the model has read all that was written by
// both, and what is asked next comes behind it; of lines each answer finishes a line of its own, which begins with what
// was asked.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infer/author.h"
#include "recur/model.h"

namespace recur {

class Conversation {
 public:
  // With a model, which it keeps. Answers have at most options.length tokens, and end before one of options.stops
  // comes; of an endless text, where there is none, at the end of a line. options.prompt is left alone. Throws Error as
  // Model::generate() does.
  Conversation(const Model& model, const Generation& options, std::string_view condition);

  // Reads a text, and calls write() with what comes after it, piece by piece and never with a part of a character. What
  // ended the answer was read, too. Throws Error for a text that has what the model has never seen, and then nothing
  // was read.
  void answer(std::string_view text, const std::function<void(std::string_view)>& write);

 private:
  // Of lines, into a new one.
  void read(std::string_view text);
  void step(int token);

  Model model_;
  std::optional<Author> author_;
  std::optional<NetworkStream> stream_;
  std::optional<TokenChoice> choice_;
  std::vector<std::string> stops_;
  std::vector<float> logits_;  // of the token that comes next
  int before_ = 0;
  std::uint64_t answers_ = 0;
};

}  // namespace recur
