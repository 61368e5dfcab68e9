// Everything that recur offers to a program.
//
// Each header says what is safe from several threads. Nothing is shared between two models: different ones may be
// trained and used at once. A call computes on as many threads as OpenMP has for the calling thread (OMP_NUM_THREADS),
// on the calling thread alone within an OpenMP region; the results have the same bits.
#pragma once

#include "recur/average.h"
#include "recur/benchmark.h"
#include "recur/inspect.h"
#include "recur/listener.h"
#include "recur/model.h"
#include "recur/music.h"
#include "recur/program.h"
#include "recur/states.h"
#include "recur/stream.h"
#include "recur/strokes.h"
#include "recur/types/cell.h"
#include "recur/types/drawing.h"
#include "recur/types/embedding.h"
#include "recur/types/error.h"
#include "recur/types/generation.h"
#include "recur/types/inspection.h"
#include "recur/types/network.h"
#include "recur/types/prediction.h"
#include "recur/types/presets.h"
#include "recur/types/recipe.h"
#include "recur/types/record.h"
#include "recur/types/score.h"
#include "recur/types/simd.h"
#include "recur/types/stream_options.h"
#include "recur/types/strokes.h"
#include "recur/types/task.h"
#include "recur/types/tasks.h"
#include "recur/types/text.h"
#include "recur/types/training.h"
#include "recur/word_vectors.h"
