// How --help looks: "--hidden N   Units of each layer [128]", commands with the first line of what they do.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace recur {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace recur
