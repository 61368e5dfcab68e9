// How --help looks: what the command does, how it is called, its flags ("--hidden N   Units of each layer [128]") in
// groups, its commands with the first line of what they do, examples.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace recur {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;

 private:
  std::string make_flags(const CLI::App* app) const;
};

}  // namespace recur
