#include "io/embedding_file.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json_fields.h"

namespace recur {
namespace {

using nlohmann::json;

constexpr const char *kHashesTensor = "ngrams.hash", *kNgramsTensor = "ngrams.weight";

void save_as_model(const std::string& path, const EmbeddingTable& t) {
  const auto words = static_cast<std::int64_t>(t.words.size()), width = static_cast<std::int64_t>(t.width);
  const auto ngrams = static_cast<std::int64_t>(t.ngrams.size());
  std::vector<TensorView> tensors = {tensor_view<float>(kVectorsTensor, {words, width}, t.vectors)};
  if (ngrams > 0) {
    tensors.push_back(tensor_view<std::uint64_t>(kHashesTensor, {ngrams}, t.ngrams));
    tensors.push_back(tensor_view<float>(kNgramsTensor, {ngrams, width}, t.ngram_vectors));
  }
  const json letters = {{"from", t.letters.least}, {"to", t.letters.most}};
  const json model = {{"options", json::parse(t.options)}, {"letters", letters}, {"counts", t.counts}};
  save_model(path, {kEmbedTask, {{"model", model.dump()}, {kWordsEntry, json(t.words).dump()}}}, tensors, t.provenance);
}

// A buffer before a file: words are short.
class BufferedFile {
 public:
  explicit BufferedFile(const std::string& path) : file_(path) {}
  void write(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kBytes) flush();
  }
  void commit() {
    flush();
    file_.commit();
  }

 private:
  static constexpr std::size_t kBytes = std::size_t{1} << 16;
  void flush() {
    file_.write(buffer_);
    buffer_.clear();
  }

  OutputFile file_;
  std::string buffer_;
};

// Numbers as text are the shortest that are read as the same float.
void save_for_others(const std::string& path, const EmbeddingTable& t, VectorsFormat format) {
  BufferedFile file(path);
  file.write(fmt::format("{} {}\n", t.words.size(), t.width));
  for (std::size_t w = 0; w < t.words.size(); ++w) {
    const std::span<const float> vector = std::span(t.vectors).subspan(w * t.width, t.width);
    file.write(t.words[w]);
    if (format == VectorsFormat::binary) {
      file.write(" ");
      file.write({reinterpret_cast<const char*>(vector.data()), vector.size_bytes()});
    } else {
      for (const float number : vector) file.write(fmt::format(" {}", number));
    }
    file.write("\n");
  }
  file.commit();
}

void read_ngrams(const ModelFile& file, EmbeddingTable& t) {
  const TensorView* const hashes = file.tensors().find(kHashesTensor);
  if (hashes == nullptr) return;
  if (hashes->shape.size() != 1) fail("{}: tensor \"{}\": expected a list of numbers", file.name(), kHashesTensor);
  const auto read = file.tensors().values<std::uint64_t>(kHashesTensor, hashes->shape);
  t.ngrams.assign(read.begin(), read.end());
  const std::int64_t shape[] = {hashes->shape[0], static_cast<std::int64_t>(t.width)};
  const std::span<const float> vectors = file.finite_floats(kNgramsTensor, shape);
  t.ngram_vectors.assign(vectors.begin(), vectors.end());
}

EmbeddingTable read_model(const std::string& path) {
  const ModelFile file(path);
  if (file.task() != kEmbedTask) {
    fail("{}: a model of the task {}, expected word vectors of recur train embed", path, file.task());
  }
  ModelWords words = words_of(file.tensors());
  EmbeddingTable t;
  t.words = std::move(words.words);
  t.width = words.width;
  const std::int64_t shape[] = {static_cast<std::int64_t>(t.words.size()), static_cast<std::int64_t>(t.width)};
  const std::span<const float> vectors = file.finite_floats(kVectorsTensor, shape);
  t.vectors.assign(vectors.begin(), vectors.end());
  const json model = file.part("model");
  file.checked([&] {
    const ReadFields fields{model};
    t.options = fields.object_at("options").dump();
    const ReadFields letters{fields.object_at("letters")};
    letters("from", t.letters.least);
    letters("to", t.letters.most);
    std::vector<std::size_t> counts;
    fields("counts", counts);
    t.counts.assign(counts.begin(), counts.end());
    if (!t.counts.empty() && t.counts.size() != t.words.size()) fail("it has not a count for each word");
  });
  t.provenance = file.provenance().dump();
  read_ngrams(file, t);
  return t;
}

}  // namespace

bool has_vectors_ending(const std::string& path) {
  return path.ends_with(".vec") || path.ends_with(".txt") || path.ends_with(".bin");
}

VectorsFormat vectors_format(const std::string& path) {
  if (path.ends_with(".bin")) return VectorsFormat::binary;
  if (has_vectors_ending(path)) return VectorsFormat::text;
  if (path.ends_with(".safetensors")) return VectorsFormat::model;
  fail("{}: word vectors are written to .safetensors, to .vec or .txt (text), or to .bin; give such a name", path);
}

void save_embedding(const std::string& path, const EmbeddingTable& table) {
  const VectorsFormat format = vectors_format(path);
  format == VectorsFormat::model ? save_as_model(path, table) : save_for_others(path, table, format);
}

EmbeddingTable read_embedding(const std::string& path) {
  const bool vectors = !is_safetensors(path) && (has_vectors_ending(path) || begins_as_vectors(path));
  return vectors ? read_word_vectors(path) : read_model(path);
}

}  // namespace recur
