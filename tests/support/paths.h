// Where the sources and the program of this build lie. Compiled into one file, so that no other object of the tests
// depends on the folder that it was built in.
#pragma once

#include <string>

namespace recur {

std::string source_folder();
std::string program_path();
// The library of support/faults.cc; empty where it is not built.
std::string faults_library();

}  // namespace recur
