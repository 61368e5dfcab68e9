// Everything that recur offers to a program.
#pragma once

#include "recur/benchmark.h"
#include "recur/cell.h"
#include "recur/error.h"
#include "recur/inspect.h"
#include "recur/language_model.h"
#include "recur/network.h"
#include "recur/program.h"
#include "recur/sequence_model.h"
#include "recur/simd.h"
#include "recur/task_model.h"
#include "recur/tasks.h"
#include "recur/text.h"
#include "recur/training.h"
