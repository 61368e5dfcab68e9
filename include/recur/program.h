// The command-line program as a function: a program with cells of its own is
//
//   int main(int argc, char** argv) {
//     recur::add_cell<MyCell>("mine");
//     return recur::run_program(argc, argv);
//   }
//
// and has every command of recur: `my_program train lm --cell mine --data book.txt`.
//
// One call at a time in a process, whose signals and standard streams it uses; the arguments are the caller's.
#pragma once

namespace recur {

// Runs the command that the arguments name. Results go to standard output, all else to standard error. Returns the exit
// code: 0 done, 1 failed, 2 misused, 129, 130 or 143 interrupted by SIGHUP, SIGINT or SIGTERM. Throws nothing.
int run_program(int argc, const char* const* argv);

}  // namespace recur
