// Runs the real program as a process of its own.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/paths.h"

namespace recur {

using Arguments = std::vector<std::string>;

// Arguments and what comes after them.
inline Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

struct ProgramResult {
  int code = 0;  // of the exit; 128 + signal if a signal ended it
  std::string out, err;

  // Standard error is one line that begins with "recur: " and holds the text.
  bool complains(const std::string& text) const {
    return err.starts_with("recur: ") && err.ends_with('\n') && std::ranges::count(err, '\n') == 1 &&
           err.find(text) != std::string::npos;
  }
};

enum class ProgramOutput { captured, closed_pipe, full_device };

struct ProgramOptions {
  std::string input;
  ProgramOutput output = ProgramOutput::captured;
  std::string program = program_path();
  std::vector<std::string> environment = {};  // NAME=value, besides that of the test
  // Called with all that has come on standard error so far whenever there is more.
  std::function<void(pid_t program, const std::string& err)> watch;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read_end = ends[0];
    write_end = ends[1];
  }
  int read_end, write_end;
};

[[noreturn]] inline void become_program(const std::vector<std::string>& arguments, int in, int out, int err,
                                        std::string program = program_path(),
                                        std::vector<std::string> environment = {}) {
  std::vector<char*> words = {program.data()};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  // Tests run side by side: a thread that waits must not spin on a core that another test needs.
  ::setenv("OMP_WAIT_POLICY", "passive", 1);
  for (std::string& variable : environment) ::putenv(variable.data());
  ::execv(words[0], words.data());
  ::_exit(127);
}

// Reads both until they end.
inline void collect(int out, int err, ProgramResult& result, const std::function<void()>& more_errors) {
  std::array<pollfd, 2> waiting = {pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  const std::array<std::string*, 2> texts = {&result.out, &result.err};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) throw std::runtime_error("poll failed");
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t count = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (count > 0) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
        if (i == 1) more_errors();
      } else {
        waiting[i].fd = -1;
      }
    }
  }
}

inline ProgramResult run_program(const std::vector<std::string>& arguments, const ProgramOptions& options = {}) {
  std::FILE* input = std::tmpfile();
  if (input == nullptr) throw std::runtime_error("no temporary file");
  std::fwrite(options.input.data(), 1, options.input.size(), input);
  std::rewind(input);
  const Pipe out, err;
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  const bool closed = options.output == ProgramOutput::closed_pipe;
  if (closed) ::close(out.read_end);
  const pid_t program = ::fork();
  if (program == 0) {
    become_program(arguments, ::fileno(input), options.output == ProgramOutput::full_device ? full : out.write_end,
                   err.write_end, options.program, options.environment);
  }
  std::fclose(input);
  for (const int end : {out.write_end, err.write_end, full}) ::close(end);

  ProgramResult result;
  collect(closed ? -1 : out.read_end, err.read_end, result, [&] {
    if (options.watch) options.watch(program, result.err);
  });
  if (!closed) ::close(out.read_end);
  ::close(err.read_end);
  int status = 0;
  ::waitpid(program, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace recur
