// Everything that recur offers to a program.
//
// Each header says what is safe from several threads. Nothing is shared between two models: different ones may be
// trained and used at once. A call computes on as many threads as OpenMP has for the calling thread (OMP_NUM_THREADS),
// on the calling thread alone within an OpenMP region; the results have the same bits.
#pragma once

#include "recur/benchmark.h"
#include "recur/cell.h"
#include "recur/drawing.h"
#include "recur/embedding.h"
#include "recur/error.h"
#include "recur/generation.h"
#include "recur/inspect.h"
#include "recur/listener.h"
#include "recur/model.h"
#include "recur/network.h"
#include "recur/prediction.h"
#include "recur/presets.h"
#include "recur/program.h"
#include "recur/recipe.h"
#include "recur/record.h"
#include "recur/simd.h"
#include "recur/states.h"
#include "recur/stream.h"
#include "recur/task.h"
#include "recur/tasks.h"
#include "recur/text.h"
#include "recur/training.h"
#include "recur/word_vectors.h"
