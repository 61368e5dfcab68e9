#include "infer/text_features.h"

#include <utf8proc.h>

#include <algorithm>

#include "infer/text_readers.h"

namespace recur {
namespace {

using namespace text_readers;

constexpr char32_t kNotACharacter = 0xFFFFFFFF;

template <class Reader>
std::vector<float> read_all(std::u32string_view text) {
  Reader reader;
  std::vector<float> values;
  values.reserve(text.size());
  for (const char32_t c : text) values.push_back(reader.read(c));
  return values;
}

constexpr TextFeature kFeatures[] = {
    {"in quotes", "Between double quotes, straight, typographic or `` and ''.", read_all<Quotes>},
    {"in ( )", "Between round brackets.", read_all<Brackets<'(', ')'>>},
    {"in [ ]", "Between square brackets.", read_all<Brackets<'[', ']'>>},
    {"in { }", "Between curly brackets.", read_all<Brackets<'{', '}'>>},
    {"bracket depth", "How many brackets of any kind are open, up to 10.", read_all<BracketDepth>},
    {"in a tag", "Between < and >.", read_all<Tag>},
    {"in an address", "In a URL, from :// or www. on.", read_all<Address>},
    {"in a comment", "In a comment of C source, /* */ or //.", read_all<Comment>},
    {"line position", "Characters since the line began, up to 80.", read_all<LinePosition>},
    {"past column 60", "More than 60 characters into the line.", read_all<PastColumn60>},
    {"line start", "Just after a newline.", read_all<Newline>},
    {"indentation", "Columns of blanks that the line begins with, up to 64; a tab goes to the next multiple of 8.",
     read_all<Indentation>},
    {"sentence position", "Characters since the last full stop, exclamation or question mark, up to 200.",
     read_all<SentencePosition>},
    {"word position", "Letters and digits of the current word so far, up to 20.", read_all<WordPosition>},
    {"space", "Just after white space.", read_all<Space>},
    {"punctuation", "Just after a punctuation mark.", read_all<Punctuation>},
    {"capitalised word", "In a word that begins with a capital.", read_all<CapitalisedWord>},
    {"word of capitals", "In a word of capitals, from the second on.", read_all<WordOfCapitals>},
    {"number", "Just after a digit.", read_all<AfterDigit>},
};

}  // namespace

std::span<const TextFeature> text_features() { return kFeatures; }

std::vector<float> measure(const TextFeature& feature, const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;

  std::u32string characters;
  std::vector<std::size_t> ends;  // of each character, in bytes
  for (std::size_t at = 0; at < text.size(); at = ends.back()) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                                     static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    characters += length > 0 ? static_cast<char32_t>(code) : kNotACharacter;
    ends.push_back(at + static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 1)));
  }

  const std::vector<float> of_characters = feature.of_characters(characters);
  std::vector<float> values;
  values.reserve(pieces.size());
  std::size_t end_byte = 0, read = 0;  // `read` characters end within the pieces so far
  for (const std::string& piece : pieces) {
    const std::size_t before = read;
    end_byte += piece.size();
    while (read < ends.size() && ends[read] <= end_byte) ++read;
    std::size_t last = read;
    while (last > before && is_space(characters[last - 1])) --last;
    if (last == before) last = read;
    values.push_back(last == 0 ? 0 : of_characters[last - 1]);
  }
  return values;
}

}  // namespace recur
