// A corpus: a text file seen as a sequence of token ids, of any length, never held in memory.
//
// The file is read once when the corpus is made: that counts its tokens and notes the place of every 65,536th (of
// subwords, which take longer to cut, every 1,024th), so that a reader can begin at any token. Readers are independent
// of each other; each has a buffer of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "data/token_scanner.h"
#include "data/tokenizer.h"

namespace recur {

struct TextSize {
  std::uint64_t bytes = 0, characters = 0;
};

class Corpus {
 public:
  // Throws Error if the file cannot be read, is empty, or is no text of the tokenizer's kind.
  Corpus(const std::string& path, Tokenizer tokenizer);
  // For a file that is open already, such as the one that the tokenizer was built from.
  Corpus(std::shared_ptr<const InputFile> file, Tokenizer tokenizer);

  std::uint64_t size() const { return size_; }
  // How many pieces of the text are no tokens, because the vocabulary has neither them nor <unk>: they are skipped.
  std::uint64_t unseen() const { return unseen_; }
  // How much text its tokens stand for, white space and all, but not what is unseen. Reads the file.
  TextSize text_size() const;
  // For messages: the path, or "standard input".
  const std::string& name() const { return file_->name(); }
  const InputFile& file() const { return *file_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }

  class Reader {
   public:
    // Fills `out` with the next tokens; returns how many, less than out.size() only at the end of the corpus.
    // Allocates nothing, but for subwords those of a word. Throws Error if the file has changed since the corpus was
    // made, as far as that shows.
    std::size_t next(std::span<int> out);
    // Goes to a token in [0, corpus.size()]. Allocates as next() does.
    void seek(std::uint64_t token);
    // The token that next() begins with.
    std::uint64_t position() const { return position_; }

   private:
    friend class Corpus;
    Reader(const Corpus& corpus, std::uint64_t first_token);
    int next_token();

    const Corpus* corpus_;
    TokenScanner scanner_;
    std::uint64_t position_ = 0;
  };

  // A reader that begins at `first_token` in [0, size()]; the corpus must outlive it.
  Reader reader(std::uint64_t first_token) const { return Reader(*this, first_token); }

 private:
  std::shared_ptr<const InputFile> file_;
  Tokenizer tokenizer_;
  std::uint64_t size_ = 0;
  std::uint64_t unseen_ = 0;
  TextSize unseen_size_;
  std::size_t reader_chunk_bytes_;
  std::uint64_t stride_;
  std::vector<TextPosition> index_;  // [i]: the place of token i * stride_
};

}  // namespace recur
