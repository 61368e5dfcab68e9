// What people are told of the tasks that come with recur.
#pragma once

#include "recur/types/task.h"

namespace recur {

TaskHelp language_help();
TaskHelp classify_help();
TaskHelp tag_help();
TaskHelp translate_help();
TaskHelp summarize_help();
TaskHelp caption_help();
TaskHelp draw_help();
TaskHelp transcribe_help();
TaskHelp regress_help();
TaskHelp answer_help();
TaskHelp effect_help();
TaskHelp lines_help();
TaskHelp conditioned_help();
TaskHelp forecast_help();
TaskHelp chords_help();
TaskHelp strokes_help();

}  // namespace recur
