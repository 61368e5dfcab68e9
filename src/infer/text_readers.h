// The features of text_features.h: each class reads a text character by character, and its read() returns the feature's
// value once it has read one. Included by text_features.cc alone.
#pragma once

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace recur::text_readers {

inline constexpr int kTabWidth = 8;

inline utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

inline bool is_upper(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LU || category(c) == UTF8PROC_CATEGORY_LT; }

inline bool is_letter(char32_t c) { return category(c) >= UTF8PROC_CATEGORY_LU && category(c) <= UTF8PROC_CATEGORY_MC; }

inline bool is_digit(char32_t c) { return category(c) == UTF8PROC_CATEGORY_ND; }

inline bool is_punctuation(char32_t c) {
  return category(c) >= UTF8PROC_CATEGORY_PC && category(c) <= UTF8PROC_CATEGORY_PO;
}

inline bool is_space(char32_t c) { return (c >= '\t' && c <= '\r') || category(c) == UTF8PROC_CATEGORY_ZS; }

// What is left open at the end of a paragraph is taken for a mistake of its author.
class Paragraphs {
 public:
  // Whether the character is the newline of an empty line.
  bool ends_with(char32_t c) {
    const bool is_end = c == '\n' && empty_so_far_;
    empty_so_far_ = c == '\n' || (empty_so_far_ && is_space(c));
    return is_end;
  }

 private:
  bool empty_so_far_ = false;
};

class Quotes {
 public:
  float read(char32_t c) {
    const bool doubled = c == before_ && !escaped_;
    const bool escaped = std::exchange(escaped_, c == '\\' && !escaped_);
    before_ = c;
    if (paragraphs_.ends_with(c)) {
      opened_by_ = 0;
    } else if (opened_by_ == 0) {
      const bool opens = c == '"' || c == U'“' || c == U'„' || c == U'«' || (c == '`' && doubled);
      if (opens && !escaped) opened_by_ = c;
    } else if (closes(c, doubled) && !escaped) {
      opened_by_ = 0;
    }
    return opened_by_ != 0 ? 1 : 0;
  }

 private:
  bool closes(char32_t c, bool doubled) const {
    switch (opened_by_) {
      case U'“':
        return c == U'”';
      case U'„':
        return c == U'“' || c == U'”';
      case U'«':
        return c == U'»';
      case '`':
        return c == '\'' && doubled;
      default:
        return c == opened_by_;
    }
  }

  Paragraphs paragraphs_;
  char32_t opened_by_ = 0, before_ = 0;
  bool escaped_ = false;
};

template <char32_t opening, char32_t closing>
class Brackets {
 public:
  int depth(char32_t c) {
    const bool ends = paragraphs_.ends_with(c);
    if (c == opening) ++depth_;
    if (c == closing) depth_ = std::max(depth_ - 1, 0);
    if (ends && opening != '{') depth_ = 0;  // a block of a program may hold empty lines
    return depth_;
  }
  float read(char32_t c) { return depth(c) > 0 ? 1 : 0; }

 private:
  Paragraphs paragraphs_;
  int depth_ = 0;
};

class BracketDepth {
 public:
  float read(char32_t c) {
    return static_cast<float>(std::min(round_.depth(c) + square_.depth(c) + curly_.depth(c), 10));
  }

 private:
  Brackets<'(', ')'> round_;
  Brackets<'[', ']'> square_;
  Brackets<'{', '}'> curly_;
};

class LinePosition {
 public:
  float read(char32_t c) {
    column_ = c == '\n' ? 0 : std::min(column_ + 1, 80);
    return static_cast<float>(column_);
  }

 private:
  int column_ = 0;
};

struct PastColumn60 : LinePosition {
  float read(char32_t c) { return LinePosition::read(c) > 60 ? 1 : 0; }
};

struct Newline {
  float read(char32_t c) { return c == '\n' ? 1 : 0; }
};

class Indentation {
 public:
  float read(char32_t c) {
    if (c == '\n') {
      columns_ = 0;
      in_text_ = false;
    } else if (!in_text_ && (c == ' ' || c == '\t')) {
      columns_ += c == ' ' ? 1 : kTabWidth - columns_ % kTabWidth;
    } else {
      in_text_ = true;
    }
    return static_cast<float>(std::min(columns_, 64));
  }

 private:
  int columns_ = 0;
  bool in_text_ = false;
};

class WordPosition {
 public:
  float read(char32_t c) {
    letters_ = is_letter(c) || is_digit(c) || c == '_' ? std::min(letters_ + 1, 20) : 0;
    return static_cast<float>(letters_);
  }

 private:
  int letters_ = 0;
};

struct Space {
  float read(char32_t c) { return is_space(c) ? 1 : 0; }
};

struct Punctuation {
  float read(char32_t c) { return is_punctuation(c) ? 1 : 0; }
};

struct AfterDigit {
  float read(char32_t c) { return is_digit(c) ? 1 : 0; }
};

class CapitalisedWord {
 public:
  float read(char32_t c) {
    capitalised_ = is_letter(c) && (in_word_ ? capitalised_ : is_upper(c));
    in_word_ = is_letter(c);
    return capitalised_ ? 1 : 0;
  }

 private:
  bool in_word_ = false, capitalised_ = false;
};

class WordOfCapitals {
 public:
  float read(char32_t c) {
    capitals_ = !is_letter(c) ? 0 : is_upper(c) && capitals_ >= 0 ? capitals_ + 1 : -1;
    return capitals_ >= 2 ? 1 : 0;
  }

 private:
  std::int64_t capitals_ = 0;  // of the current word; -1: it has others too
};

class SentencePosition {
 public:
  float read(char32_t c) {
    const bool ends = paragraphs_.ends_with(c) || c == '.' || c == '!' || c == '?';
    position_ = ends ? 0 : std::min(position_ + 1, 200);
    return static_cast<float>(position_);
  }

 private:
  Paragraphs paragraphs_;
  int position_ = 0;
};

class Comment {
 public:
  float read(char32_t c) {
    const char32_t before = std::exchange(before_, c);
    switch (place_) {
      case Place::code:
        // "://" is an address, in whatever text it stands.
        if (before == '/' && c == '/' && before_that_ != ':') place_ = Place::line;
        if (before == '/' && c == '*') enter_block();
        if (c == '"') place_ = Place::string;
        break;
      case Place::string:
        if ((c == '"' && before != '\\') || c == '\n') place_ = Place::code;
        if (c == '\\' && before == '\\') before_ = 0;  // an escaped backslash escapes nothing
        break;
      case Place::line:
        if (c == '\n') place_ = Place::code;
        break;
      case Place::block:
        if (before == '*' && c == '/') leave_block();
        break;
    }
    before_that_ = before;
    return place_ == Place::line || place_ == Place::block ? 1 : 0;
  }

 private:
  enum class Place { code, string, line, block };

  void enter_block() {
    place_ = Place::block;
    before_ = 0;  // the star of /*/ does not close it
  }
  void leave_block() {
    place_ = Place::code;
    before_ = 0;  // nor does the slash of */* open another
  }

  Place place_ = Place::code;
  char32_t before_ = 0, before_that_ = 0;
};

class Tag {
 public:
  float read(char32_t c) {
    const bool just_opened = std::exchange(just_opened_, c == '<');
    const bool is_comparison = just_opened && (is_space(c) || is_digit(c) || c == '=' || c == '-');
    if (c == '<') inside_ = true;
    if (c == '>' || c == '\n' || is_comparison) inside_ = false;
    return inside_ ? 1 : 0;
  }

 private:
  bool inside_ = false, just_opened_ = false;
};

class Address {
 public:
  float read(char32_t c) {
    static constexpr std::u32string_view kEnds = U"<>[](){}|\"”»";
    last_ = {last_[1], last_[2], last_[3], c};
    const std::u32string_view last(last_.data(), last_.size());
    if (last.ends_with(U"://") || last == U"www.") inside_ = true;
    if (is_space(c) || kEnds.find(c) != kEnds.npos) inside_ = false;
    return inside_ ? 1 : 0;
  }

 private:
  std::array<char32_t, 4> last_{};
  bool inside_ = false;
};

}  // namespace recur::text_readers
