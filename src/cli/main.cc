#include "cli/commands.h"

int main(int argc, char** argv) { return recur::run(argc, argv); }
