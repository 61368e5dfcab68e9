#include "data/corpus.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace recur {
namespace {

constexpr std::uint64_t kIndexStride = 65536, kSubwordStride = 1024;
// Small, because there is one reader for each of a batch's streams.
constexpr std::size_t kReaderChunkBytes = std::size_t{1} << 16;

std::uint64_t characters_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count_if(text, begins_character));
}

bool begins_with_mark(const InputFile& file) {
  std::array<char, kByteOrderMark.size()> begin{};
  return file.read(0, begin) == begin.size() && std::string_view(begin.data(), begin.size()) == kByteOrderMark;
}

}  // namespace

Corpus::Corpus(const std::string& path, Tokenizer tokenizer)
    : Corpus(std::make_shared<const InputFile>(path), std::move(tokenizer)) {}

Corpus::Corpus(std::shared_ptr<const InputFile> file, Tokenizer tokenizer)
    : file_(std::move(file)),
      tokenizer_(std::move(tokenizer)),
      reader_chunk_bytes_(kReaderChunkBytes),
      stride_(tokenizer_.kind() == TokenizerKind::subword ? kSubwordStride : kIndexStride) {
  TokenScanner scanner = tokenizer_.scanner(*file_);
  index_.push_back(scanner.position());
  for (int id = tokenizer_.next(scanner); id != Tokenizer::kEndOfText; id = tokenizer_.next(scanner)) {
    reader_chunk_bytes_ = std::max(reader_chunk_bytes_, scanner.bytes_in_text());
    if (id == Tokenizer::kUnseen) {
      ++unseen_;
      unseen_size_.bytes += scanner.bytes_in_text();
      unseen_size_.characters += characters_in(scanner.piece());
    } else if (++size_ % stride_ == 0) {
      index_.push_back(scanner.position());
    }
  }
  if (size_ == 0 && unseen_ == 0) fail("{} is empty; a language model needs text", name());
}

TextSize Corpus::text_size() const {
  std::vector<char> buffer(TokenScanner::kChunkBytes);
  TextSize size;
  for (std::uint64_t at = 0; at < file_->size(); at = size.bytes) {
    const std::size_t got = file_->read(at, buffer);
    if (got == 0) break;
    size.bytes += got;
    size.characters += characters_in({buffer.data(), got});
  }
  const bool mark = tokenizer_.kind() != TokenizerKind::byte && begins_with_mark(*file_);
  return {size.bytes - unseen_size_.bytes - (mark ? kByteOrderMark.size() : 0),
          size.characters - unseen_size_.characters - (mark ? 1 : 0)};
}

Corpus::Reader::Reader(const Corpus& corpus, std::uint64_t first_token)
    : corpus_(&corpus), scanner_(corpus.tokenizer_.scanner(*corpus.file_, corpus.reader_chunk_bytes_)) {
  seek(first_token);
}

int Corpus::Reader::next_token() {
  int id = Tokenizer::kUnseen;
  while (id == Tokenizer::kUnseen) id = corpus_->tokenizer_.next(scanner_);
  if (id == Tokenizer::kEndOfText) fail("{}: the file has become shorter while in use; start again", corpus_->name());
  ++position_;
  return id;
}

std::size_t Corpus::Reader::next(std::span<int> out) {
  const std::uint64_t left = corpus_->size() - position_;
  const std::size_t count = left < out.size() ? static_cast<std::size_t>(left) : out.size();
  for (int& id : out.first(count)) id = next_token();
  return count;
}

void Corpus::Reader::seek(std::uint64_t token) {
  assert(token <= corpus_->size());
  const std::uint64_t entry = token / corpus_->stride_;
  scanner_.seek(corpus_->index_[static_cast<std::size_t>(entry)]);
  position_ = entry * corpus_->stride_;
  while (position_ < token) next_token();
}

}  // namespace recur
