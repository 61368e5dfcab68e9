// Any JSON as a tokenizer, and any text for it: recur::Error is the only way out but success; then what is saved and
// read again does the same, and every id that comes out is one of the vocabulary. The input is JSON: {"codec", "text"}.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "data/text_codec.h"
#include "json_mutator.h"
#include "recur/types/error.h"

namespace recur {
namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void use(const TextCodec& codec, const std::string& text) {
  const std::vector<int> ids = codec.encode(text);
  for (const int id : ids) check(id >= 0 && id < codec.size());
  check(codec.pieces(text).size() == ids.size());
  const std::string decoded = codec.decode(ids);
  const bool whole = codec.kind() == TokenizerKind::character && codec.has_specials() && !codec.lowercase() &&
                     std::ranges::find(ids, *codec.unknown()) == ids.end();
  check(!whole || decoded == text);
  for (int id = 0; id < codec.size(); ++id) {
    codec.piece(id);
    codec.decode(std::vector{id});
  }
  check(TextCodec::from_json(codec.to_json()).encode(text) == ids);
}

void use(const Tokenizer& tokenizer, const std::string& text) {
  for (const int id : tokenizer.encode_prompt(text)) tokenizer.decode(id);
  check(Tokenizer::from_json(tokenizer.to_json()).vocabulary().tokens() == tokenizer.vocabulary().tokens());
}

}  // namespace
}  // namespace recur

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const recur::Json input = recur::Json::parse(data, data + size, nullptr, false);
  if (!input.is_object() || !input.contains("codec") || !input.contains("text") || !input["text"].is_string()) return 0;
  const std::string text = input["text"];
  try {
    recur::use(recur::TextCodec::from_json(input["codec"]), text);
  } catch (const recur::Error&) {
  }
  try {
    recur::use(recur::Tokenizer::from_json(input["codec"]), text);
  } catch (const recur::Error&) {
  }
  return 0;
}
