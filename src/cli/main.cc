#include "recur/program.h"

int main(int argc, char** argv) { return recur::run_program(argc, argv); }
