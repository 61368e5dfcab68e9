#include "recur/types/options.h"
#include "recur/types/text.h"

namespace recur {

void list_subwords(OptionList& list, std::size_t& subwords) {
  list.count("subwords", subwords, {8, 1'000'000}, "subword: the size of the vocabulary");
  list.need("subwords", {"tokenizer", {"subword"}});
}

namespace {

void list_words(OptionList& list, TokenizerOptions& o, const char* rare) {
  list.count("min-count", o.min_count, {}, rare);
  list.count("max-vocab", o.max_vocab, {}, "Keep so many, the most frequent; 0: all");
  list.flag("lowercase", o.lowercase, "Read text in lower case; not of subwords");
}

}  // namespace

void list_options(OptionList& list, TokenizerOptions& o) {
  list.group("Tokens");
  list_words(list, o, "Rarer words are left out of the vocabulary");
}

void list_options(OptionList& list, CodecOptions& o) {
  list.group("Tokens");
  list.choice("tokenizer", o.kind, "What text is cut into",
              {TokenizerKind::word, TokenizerKind::token, TokenizerKind::character, TokenizerKind::subword});
  list_words(list, o.words, "Rarer words and characters become <unk>");
  list.need("lowercase", {"tokenizer", {"word", "token", "char"}});
  list_subwords(list, o.subwords);
}

}  // namespace recur
