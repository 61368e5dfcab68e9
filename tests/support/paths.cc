#include "support/paths.h"

namespace recur {

std::string source_folder() { return RECUR_SOURCE_DIR; }
std::string program_path() { return RECUR_PROGRAM; }
std::string faults_library() { return RECUR_FAULTS; }

}  // namespace recur
