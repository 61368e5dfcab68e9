// Standard output and standard error, and how numbers look there.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace recur {

// Nobody reads standard output any more (`recur sample .. | head`): the program ends quietly.
class OutputClosed : public std::exception {};

// Before anything else: a write to a closed pipe is an error, not a signal, and no file that is opened later becomes
// standard output by accident.
void prepare_standard_streams();

// To standard output, at once. Throws OutputClosed, or Error if it cannot be written.
void write_out(std::string_view text);
// To standard error; where that cannot be written, nobody is told.
void say(std::string_view text);
// "recur: message" on one line of standard error, whatever the message holds.
void complain(std::string_view message);

// Whether standard error is a terminal that can redraw a line, and may be coloured (NO_COLOR is not set).
bool error_is_terminal();
bool error_has_colour();
bool output_is_terminal();
// Whether standard output is a terminal that may be coloured.
bool output_has_colour();
// Columns of the terminal that is standard error.
std::size_t terminal_width();

std::string as_clock(double seconds);  // 0:07, 12:34, 1:02:03
// As one word of a shell command: in quotes where it needs them.
std::string shell_word(std::string_view text);

// Every line two columns to the right, and ended.
std::string indented(std::string_view lines);

}  // namespace recur
