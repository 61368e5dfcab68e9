#include "data/embedding_text.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "data/token_scanner.h"
#include "data/vocabulary_counter.h"

namespace recur {
namespace {

constexpr std::size_t kLongestSentence = 1000;
constexpr std::uint64_t kPiecesOfSlice = 8192;

// Tells of each piece of a text whether its sentence ends with it.
class SentenceEnds {
 public:
  bool ends_with(const TokenScanner& scanner) {
    const bool ends = scanner.at_line_end() || ++length_ == kLongestSentence;
    if (ends) length_ = 0;
    return ends;
  }

 private:
  std::size_t length_ = 0;
};

}  // namespace

EmbeddingText::EmbeddingText(const std::string& path, TokenizerKind kind, const TokenizerOptions& options)
    : file_(path), kind_(kind), lowercase_(options.lowercase) {
  count(kind, options);
}

void EmbeddingText::count(TokenizerKind kind, const TokenizerOptions& options) {
  TokenScanner scanner(file_, kind, TokenScanner::kChunkBytes, options.lowercase);
  VocabularyCounter counter(kind);
  SentenceEnds sentence;
  std::uint64_t pieces = 0;
  while (scanner.next()) {
    // Where the first piece begins: behind a byte-order mark.
    if (pieces == 0) slices_.push_back({scanner.position().byte - scanner.bytes_in_text(), 0});
    counter.add_word(scanner.piece());
    ++pieces;
    if (sentence.ends_with(scanner) && pieces - slices_.back().first_piece >= kPiecesOfSlice) {
      slices_.push_back({scanner.position().byte, pieces});
    }
  }
  if (pieces > 0 && slices_.back().first_piece < pieces) slices_.push_back({scanner.position().byte, pieces});

  std::vector<PieceCount> found = counter.pieces();
  take_out(found, kEndOfLineToken);
  rare_ = take_out(found, kUnknownToken).count;
  sort_by_count(found);
  const std::size_t most = options.max_vocab > 0 ? options.max_vocab : found.size();
  rare_ += keep_most_frequent(found, options.min_count, most);
  if (found.size() < 2) {
    fail("{}: expected at least two different words that occur {} times or more, got {}; give a longer text or {}",
         file_.name(), std::max<std::uint64_t>(options.min_count, 1), found.size(),
         options.max_vocab == 1 ? "a larger --max-vocab" : "a smaller --min-count");
  }
  std::vector<std::string> texts;
  for (PieceCount& word : found) {
    texts.push_back(std::move(word.text));
    counts_.push_back(word.count);
  }
  words_ = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  vocabulary_ = std::make_unique<const Vocabulary>(std::move(texts));
}

void EmbeddingText::read(std::size_t slice, Slice& to) const {
  const std::uint64_t begin = slices_[slice].byte;
  to.bytes.resize(static_cast<std::size_t>(slices_[slice + 1].byte - begin));
  {
    const std::lock_guard lock(reading_);
    if (file_.read(begin, to.bytes) < to.bytes.size())
      fail("{}: the file has been cut while it was read", file_.name());
  }
  to.ids.clear();
  TokenScanner scanner(to.bytes, kind_, file_.name(), lowercase_);
  SentenceEnds sentence;
  while (scanner.next()) {
    if (const auto id = vocabulary_->id(scanner.piece())) to.ids.push_back(*id);
    if (sentence.ends_with(scanner)) to.ids.push_back(kSentenceEnd);
  }
  to.ids.push_back(kSentenceEnd);
}

}  // namespace recur
