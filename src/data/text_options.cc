#include "recur/types/options.h"
#include "recur/types/text.h"

namespace recur {

void list_subwords(OptionList& list, std::size_t& subwords) {
  constexpr const char* kName = "subwords";
  Option& option = list.count(kName, subwords, {8, 1'000'000}, "subword: the size of the vocabulary");
  const std::string prefix = option.name.substr(0, option.name.size() - std::string_view(kName).size());
  option.need = OptionNeed{prefix + "tokenizer", {"subword"}};
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
  list_words(list, o, "Rarer words become <unk>");
}

void list_options(OptionList& list, CodecOptions& o) {
  list.group("Tokens");
  list.choice("tokenizer", o.kind, "What text is cut into",
              {TokenizerKind::word, TokenizerKind::token, TokenizerKind::character, TokenizerKind::subword});
  list_words(list, o.words, "Rarer words and characters become <unk>");
  list_subwords(list, o.subwords);
}

}  // namespace recur
