#include "io/abc_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/show.h"
#include "base/utf8.h"
#include "io/abc_bars.h"
#include "io/abc_fields.h"

namespace recur {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_note(char c) { return (c >= 'A' && c <= 'G') || (c >= 'a' && c <= 'g'); }

// Where reading ends before the tune does.
struct Problem {
  std::string text;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  AbcTune read() {
    AbcTune tune;
    try {
      while (at_ < text_.size() && read_line()) {
      }
      end_bar();
    } catch (const Problem& problem) {
      tune.problem = fmt::format("line {}, character {}: {}", line_, at_ - line_start_ + 1, problem.text);
    }
    tune.bars =
        static_cast<std::size_t>(std::ranges::count_if(bars_, [](const AbcBar& bar) { return !bar.sounds.empty(); }));
    tune.score = {title_, tempo_, play_bars(bars_)};
    return tune;
  }

 private:
  char now() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  char after(std::size_t count = 1) const { return at_ + count < text_.size() ? text_[at_ + count] : '\n'; }
  bool at_line_end() const { return now() == '\n' || now() == '$'; }
  bool takes(char c) {
    if (now() != c) return false;
    ++at_;
    return true;
  }
  template <class... Parts>
  [[noreturn]] void fail(fmt::format_string<Parts...> format, Parts&&... parts) const {
    throw Problem{fmt::format(format, std::forward<Parts>(parts)...)};
  }
  std::string got() const { return !at_line_end() ? quote(text_.substr(at_, 1)) : "the line's end"; }

  // False where the tune has ended: at an empty line behind its notes, or where another begins.
  bool read_line() {
    at_ = std::min(text_.find_first_not_of(" \t\r", at_), text_.size());
    const bool field = is_ascii_letter(now()) && after() == ':' && after(2) != '|' && after(2) != ':';
    if (music_ && (now() == '\n' || (field && now() == 'X'))) return false;
    if (field) {
      read_field(text_.substr(at_, text_.find_first_of("\n$", at_) - at_));
    } else {
      while (!at_line_end()) read_symbol();
    }
    at_ = std::min(text_.find_first_of("\n$", at_), text_.size() - 1) + 1;
    ++line_;
    line_start_ = at_;
    return true;
  }

  // Of a line, or of [K:..] within one.
  void read_field(std::string_view field) {
    const char name = field[0];
    const std::string_view text = field.substr(2, std::min(field.find('%'), field.find('\r')) - 2);
    const auto value = [&](auto read, const char* expected) {
      if (!read) fail("expected {}, got {}", expected, quote(text));
      return *read;
    };
    if (name == 'V' && music_) fail("a second voice; only the first is read");
    if (name == 'T' && title_.empty()) title_ = text.substr(std::min(text.find_first_not_of(' '), text.size()));
    if (name == 'K') key_ = value(abc_key(text), "a key such as D, Am or G dorian");
    if (name == 'M') metre_ = value(abc_metre(text), "a metre such as 6/8 or C");
    if (name == 'L') unit_ = value(abc_fraction(text), "a length such as 1/8");
    if (name == 'Q') set_tempo(value(abc_tempo(text, unit(), tempo_ / pace_), "a tempo such as 1/4=120"));
  }

  // A score has one tempo, that of its beginning: at another one notes last as much longer or shorter.
  void set_tempo(double tempo) {
    if (music_) {
      pace_ = tempo_ / tempo;
    } else {
      tempo_ = tempo;
    }
  }

  // Of a note without a length, in whole notes. The metre says so until there is a note; another one later does not.
  double unit() const { return unit_.value_or(metre_.bar > 0 && metre_.bar < 0.75 ? 1.0 / 16 : 1.0 / 8); }

  void read_symbol() {
    const char c = now();
    if (is_note(c) || c == '^' || c == '_' || c == '=') return add_sound({{read_note()}, read_length()});
    if (c == 'z' || c == 'x') return read_rest();
    if (c == 'Z' || c == 'X') return read_bars_of_rest();
    if (c == '|' || c == ':') return read_bar_line();
    if (c == '[') return read_bracket();
    if (c == '(') return read_parenthesis();
    if (c == '>' || c == '<') return read_broken_rhythm();
    if (c == '-') return read_tie();
    if (c == '"') return skip_to('"', "a chord's name has no second \"");
    if (c == '{') return skip_to('}', "grace notes have no }");
    if (c == '!' || c == '+') return skip_decoration();
    if (c == '%') return skip_comment();
    // Letters that are signs for ornaments, as is y for some room.
    const bool sign = (c >= 'H' && c <= 'W') || (c >= 'h' && c <= 'w') || c == 'y';
    const bool nothing = std::string_view(" \t\r\\`).~*;]").find(c) != std::string_view::npos;
    if (!sign && !nothing) fail("expected a note, a rest or a bar line, got {}", got());
    ++at_;
  }

  void skip_to(char end, const char* problem) {
    const std::size_t place = text_.find_first_of(std::string{end, '\n'}, at_ + 1);
    if (place == text_.npos || text_[place] != end) fail("{}", problem);
    at_ = place + 1;
  }
  void skip_comment() { at_ = std::min(text_.find_first_of("\n$", at_), text_.size()); }
  // !trill!, !>! or !crescendo(!; a single one was once the end of a line.
  void skip_decoration() {
    const std::size_t end = text_.find_first_of(std::string{now(), ' ', '|', '\n', '$'}, at_ + 1);
    at_ = end != text_.npos && text_[end] == now() ? end + 1 : at_ + 1;
  }

  // At most three digits; nothing where there are none.
  std::optional<int> read_number() {
    int number = 0, digits = 0;
    for (; is_digit(now()); ++at_, ++digits) {
      if (digits == 3) fail("expected a number of at most three digits");
      number = 10 * number + (now() - '0');
    }
    if (digits > 0 && number == 0) fail("expected a number above 0, got 0");
    return digits == 0 ? std::nullopt : std::optional(number);
  }

  // 2, /2, /, // or 3/2, in notes without a length.
  double read_factor() {
    double factor = read_number().value_or(1);
    while (takes('/')) factor /= read_number().value_or(2);
    return factor;
  }
  double read_length() {
    unit_ = unit();
    return 4 * *unit_ * read_factor();
  }

  int read_note() {
    constexpr std::array<int, 7> kSemitones = {9, 11, 0, 2, 4, 5, 7};  // of A to G above C
    std::optional<int> raised;
    for (; now() == '^' || now() == '_' || now() == '='; ++at_) {
      raised = raised.value_or(0) + (now() == '^' ? 1 : now() == '_' ? -1 : 0);
    }
    if (!is_note(now())) fail("expected a note, got {}", got());
    const bool high = now() >= 'a';
    const auto letter = static_cast<std::size_t>(now() - (high ? 'a' : 'A'));
    ++at_;
    if (raised) accidentals_[letter] = raised;
    int natural = (high ? 72 : 60) + kSemitones[letter];
    for (; now() == '\'' || now() == ','; ++at_) natural += now() == '\'' ? 12 : -12;
    const auto tied = raised || !bar_.sounds.empty() ? tied_.end() : tied_.find(natural);
    const int number = tied != tied_.end() ? tied->second : natural + accidentals_[letter].value_or(key_[letter]);
    if (number < 0 || number > 127) fail("a note is higher or lower than MIDI has any");
    pitches_[natural] = number;
    return number;
  }

  void add_sound(AbcSound sound) {
    if (tuplet_left_ > 0) {
      sound.length *= tuplet_;
      --tuplet_left_;
    }
    sound.length *= std::exchange(next_, 1) * pace_;
    music_ = true;
    bar_.sounds.push_back(std::move(sound));
    last_ = std::exchange(pitches_, {});
  }
  void read_rest() {
    ++at_;
    add_sound({{}, read_length()});
  }
  void read_bars_of_rest() {
    ++at_;
    add_sound({{}, 4 * metre_.bar * read_number().value_or(1)});
  }

  // [GBd]2, [G2B2], [1 or [K:D].
  void read_bracket() {
    if (is_ascii_letter(after()) && after(2) == ':') {
      const std::size_t end = text_.find_first_of("]\n", at_);
      if (end == text_.npos || text_[end] != ']') fail("a field in brackets has no ]");
      read_field(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      return;
    }
    if (is_digit(after()) || after() == '|') return read_bar_line();
    ++at_;
    AbcSound chord;
    while (!takes(']')) {
      if (takes('-'))
        chord.tied = true;
      else if (now() == ' ' || now() == '.' || now() == '~')
        ++at_;
      else if (now() == '"')
        skip_to('"', "a chord's name has no second \"");
      else
        add_to_chord(chord);
    }
    if (chord.notes.empty()) fail("expected notes in brackets, got none");
    chord.length *= read_factor();
    add_sound(std::move(chord));
  }
  // The first note's length is the chord's.
  void add_to_chord(AbcSound& chord) {
    const int note = read_note();
    const double length = read_length();
    if (chord.notes.empty()) chord.length = length;
    if (std::ranges::find(chord.notes, note) == chord.notes.end()) chord.notes.push_back(note);
  }

  // A slur, or a tuplet: (p, (p:q or (p:q:r, p notes in the time of q, the next r of them.
  void read_parenthesis() {
    ++at_;
    const auto p = read_number();
    if (!p) return;
    const int beats = metre_.compound ? 3 : 2;
    const auto time_of = [&](int notes) { return notes == 3 || notes == 6 ? 2 : notes % 2 == 0 ? 3 : beats; };
    int q = time_of(*p), r = *p;
    if (takes(':')) q = read_number().value_or(q);
    if (takes(':')) r = read_number().value_or(r);
    tuplet_ = static_cast<double>(q) / *p;
    tuplet_left_ = r;
  }

  // A>B: the first longer by half, the second shorter; A>>B more so.
  void read_broken_rhythm() {
    const char sign = now();
    if (bar_.sounds.empty()) fail("expected a note before {}", got());
    double share = 1;
    while (takes(sign)) share /= 2;
    if (share < 0.125) fail("expected at most three of {} in a row", quote(std::string(1, sign)));
    bar_.sounds.back().length *= sign == '>' ? 2 - share : share;
    next_ = sign == '>' ? share : 2 - share;
  }

  void read_tie() {
    ++at_;
    if (!bar_.sounds.empty()) bar_.sounds.back().tied = true;
  }

  // Any of | : [ ] that stand together, and the numbers of an ending.
  void read_bar_line() {
    const std::size_t begin = at_;
    for (; now() == '|' || now() == ':' || now() == ']' || (now() == '[' && after() == '|'); ++at_) {
    }
    const std::string_view line = text_.substr(begin, at_ - begin);
    if (line == ":") {
      at_ = begin;
      fail("expected a bar line, got \":\"");
    }
    const bool ends = line.starts_with(':') || line.find(":|") != line.npos;
    bar_.ends_repeat = ends;
    bar_.ends_part = ends || line.find("||") != line.npos || line.find(']') != line.npos || line.find('[') != line.npos;
    if (!line.empty() || !bar_.sounds.empty()) end_bar();
    bar_.begins_repeat = bar_.begins_repeat || (line.size() > 1 && line.ends_with(':'));
    if (now() == '[' && is_digit(after())) ++at_;
    read_endings();
  }

  // 1 or 1,3 or 1-3.
  void read_endings() {
    for (; is_digit(now()); ++at_) {
      const int last = now() - '0';
      const bool range = !bar_.endings.empty() && text_[at_ - 1] == '-';
      for (int i = range ? bar_.endings.back() + 1 : last; i <= last; ++i) bar_.endings.push_back(i);
      if ((after() == ',' || after() == '-') && is_digit(after(2))) ++at_;
    }
  }

  void end_bar() {
    accidentals_ = {};
    if (!bar_.sounds.empty()) tied_ = bar_.sounds.back().tied ? last_ : Pitches{};
    const bool empty = bar_.sounds.empty() && bar_.endings.empty();
    if (!empty) {
      bars_.push_back(std::move(bar_));
    } else if (!bars_.empty()) {
      // A line after a line: || in two.
      bars_.back().ends_repeat = bars_.back().ends_repeat || bar_.ends_repeat;
      bars_.back().ends_part = bars_.back().ends_part || bar_.ends_part;
    }
    const bool begins = empty && bar_.begins_repeat && !bar_.ends_repeat;
    bar_ = {};
    bar_.begins_repeat = begins;
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1, line_start_ = 0;

  std::string title_;
  double tempo_ = 120, pace_ = 1;
  KeySignature key_{};
  Metre metre_;
  std::optional<double> unit_;
  bool music_ = false;  // whether there was any

  std::vector<AbcBar> bars_;
  AbcBar bar_;                                          // that is read
  std::array<std::optional<int>, 7> accidentals_ = {};  // of this bar
  // By the note without its accidental: those of the sound that is read, and of the last one; and what a tie over the
  // bar line before this bar makes of its first sound.
  using Pitches = std::map<int, int>;
  Pitches pitches_, last_, tied_;
  double next_ = 1, tuplet_ = 1;  // what the length of the next note, and of some, is multiplied by
  int tuplet_left_ = 0;
};

}  // namespace

AbcTune read_abc_tune(std::string_view text) { return Reader(text).read(); }

}  // namespace recur
