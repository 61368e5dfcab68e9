#include "data/corpus.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/error.h"

namespace recur {
namespace {

constexpr std::uint64_t kIndexStride = 65536;
// Small, because there is one reader for each of a batch's streams.
constexpr std::size_t kReaderChunkBytes = std::size_t{1} << 16;

}  // namespace

Corpus::Corpus(const std::string& path, Tokenizer tokenizer)
    : Corpus(std::make_shared<const InputFile>(path), std::move(tokenizer)) {}

Corpus::Corpus(std::shared_ptr<const InputFile> file, Tokenizer tokenizer)
    : file_(std::move(file)), tokenizer_(std::move(tokenizer)), reader_chunk_bytes_(kReaderChunkBytes) {
  TokenScanner scanner = tokenizer_.scanner(*file_);
  index_.push_back(scanner.position());
  for (int id = tokenizer_.next(scanner); id != Tokenizer::kEndOfText; id = tokenizer_.next(scanner)) {
    reader_chunk_bytes_ = std::max(reader_chunk_bytes_, scanner.bytes_in_text());
    if (id == Tokenizer::kUnseen) {
      ++unseen_;
    } else if (++size_ % kIndexStride == 0) {
      index_.push_back(scanner.position());
    }
  }
  if (size_ == 0 && unseen_ == 0) fail("{} is empty; a language model needs text", name());
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
  const std::uint64_t entry = token / kIndexStride;
  scanner_.seek(corpus_->index_[static_cast<std::size_t>(entry)]);
  position_ = entry * kIndexStride;
  while (position_ < token) next_token();
}

}  // namespace recur
