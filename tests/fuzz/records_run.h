// For the fuzz targets: a data file, whatever it holds, from reading to prediction.
#pragma once

#include <string>
#include <string_view>

#include "memory_file.h"
#include "recur/error.h"
#include "recur/task_model.h"
#include "tasks/records_task.h"
#include "tasks/task_table.h"

namespace recur {

// Trains a network on the file for one batch, scores it and lets it predict; recur::Error is the only way out but
// success.
inline void run_records(const TaskOptions& options, std::string_view bytes) {
  const MemoryFile file(bytes);
  try {
    TaskJob job;
    job.task = options;
    const InputFile data(file.path());
    const ReadOptions reading{{12, false}, true, RecordPart::training, true};
    const auto network = build_task_network(job, data, reading, nullptr);
    const auto training = network->read(data, reading);
    ReadOptions held_out = reading, unanswered = reading;
    held_out.part = RecordPart::held_out;
    unanswered.part = RecordPart::all;
    unanswered.answers = false;
    const auto validation = network->read(data, held_out);
    const auto questions = network->read(data, unanswered);
    if (training->size() > 0) {
      RecordsTask task(*network, *training, *validation, {4, 100}, 1);
      task.begin_epoch(0);
      task.train_batch(0);
      network->evaluate(*training, {.beam = 2});
    }
    std::size_t lines = 0;
    network->predict(*questions, {.decode = {.beam = 2}}, [&](std::string_view line) { lines += line.size(); });
  } catch (const Error&) {
  }
}

// Small, so that there are many runs a second.
inline void make_small(RecurrentOptions& network) {
  network.layers = 1;
  network.hidden = 3;
  network.dropout = 0;
}

}  // namespace recur
