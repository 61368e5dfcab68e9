#include <fmt/format.h>

#include "base/error.h"
#include "data/text_field.h"
#include "data/word_vectors.h"
#include "nn/inputs/inputs.h"

namespace recur {
namespace {

// Fills the rows of an embedding's table from a file of word vectors (data/word_vectors.h); words that it lacks keep
// what they have. Returns what there is to say of it: "glove.txt: vectors for 9512 of 10034 words". Throws Error as
// read_word_vectors() does, or when the file knows none of the words.
std::string load_word_vectors(const std::string& path, const TextCodec& codec, const Matrix& table) {
  const auto row_of = [&](std::string_view word) {
    const std::vector<int> ids = codec.encode(word);
    return ids.size() == 1 && ids[0] != codec.unknown() ? ids[0] : -1;
  };
  const WordVectorCounts counts =
      read_word_vectors(path, table.columns, row_of, std::span(table.data, table.rows * table.columns));
  if (counts.filled == 0) fail("{}: has a vector for none of the {} words of the data", path, codec.size());
  std::string told = fmt::format("{}: vectors for {} of {} words", path, counts.filled, codec.size());
  if (counts.skipped > 0) told += "; " + skipped_text(counts);
  return told;
}

// The codec of a text, or of words.
const TextCodec& codec_of(const Field& field) {
  if (const auto* text = dynamic_cast<const TextField*>(&field)) return text->codec();
  if (const auto* words = dynamic_cast<const WordsField*>(&field)) return words->words();
  fail_wrong_field(field.name(), "tokens");
}

}  // namespace

std::string describe_tokens(const std::string& tokens, std::size_t embedding) {
  return tokens + (embedding == 0 ? ", one-hot" : fmt::format(", embedding {}", embedding));
}

TokensInput::TokensInput(const TokensSpec& spec, const Fields& fields, Parameters& parameters,
                         const std::string& prefix)
    : spec_(spec),
      field_(field_named(fields, spec.field, "tokens")),
      text_(*fields[field_]),
      vocabulary_(text_.vocabulary()) {
  if (vocabulary_ == 0) fail_wrong_field(spec.field, "tokens");
  check_embedding({spec.embedding, spec.embedding_dropout});
  if (!one_hot()) {
    table_ = parameters.declare(prefix + "embedding.weight", vocabulary_, spec.embedding, InitialValues::within(0.1F));
    parameters.name_rows(*table_, spec.field);
  } else if (!spec.vectors.empty()) {
    fail("--embeddings needs an embedding: give --embedding N");
  }
}

Sequence TokensInput::read(const Run& run, const Batch& batch) const {
  const FieldBatch& tokens = batch.fields[field_];
  if (one_hot()) return {{}, tokens.ids, &tokens.steps};
  return {embedding(run.tape, run[*table_], tokens.ids, spec_.embedding_dropout, run.noise.child("embedding")),
          {},
          &tokens.steps};
}

std::string TokensInput::start(Parameters& parameters) const {
  if (spec_.vectors.empty()) return "";
  return load_word_vectors(spec_.vectors, codec_of(text_), parameters.matrix(*table_));
}

std::pair<std::string, std::string> TokensInput::describe() const {
  return {"input", describe_tokens(text_.describe(), spec_.embedding)};
}

std::unique_ptr<Input> make_input(const InputSpec& spec, const Fields& fields, const RecurrentOptions& network,
                                  Parameters& parameters, const std::string& prefix) {
  if (const auto* tokens = std::get_if<TokensSpec>(&spec)) {
    return std::make_unique<TokensInput>(*tokens, fields, parameters, prefix);
  }
  if (const auto* letters = std::get_if<LettersSpec>(&spec)) {
    return std::make_unique<LettersInput>(*letters, fields, network, parameters, prefix);
  }
  if (const auto* features = std::get_if<FeatureInputSpec>(&spec)) {
    return std::make_unique<FeaturesInput>(*features, fields, parameters, prefix);
  }
  if (const auto* before = std::get_if<PreviousSpec>(&spec)) return std::make_unique<PreviousInput>(*before, fields);
  if (const auto* match = std::get_if<MatchSpec>(&spec)) return std::make_unique<MatchInput>(*match, fields);
  if (const auto* knobs = std::get_if<KnobsSpec>(&spec)) return std::make_unique<KnobsInput>(*knobs, fields);
  if (const auto* pixels = std::get_if<PixelsSpec>(&spec)) return std::make_unique<PixelsInput>(*pixels, fields);
  if (const auto* seen = std::get_if<ConvolutionsSpec>(&spec)) {
    return std::make_unique<ConvolutionsInput>(*seen, fields, parameters, prefix);
  }
  return std::make_unique<NumbersInput>(std::get<NumbersInputSpec>(spec), fields, parameters, prefix);
}

}  // namespace recur
