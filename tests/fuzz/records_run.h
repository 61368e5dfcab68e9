// For the fuzz targets: a data file, whatever it holds, from reading to prediction.
#pragma once

#include <string>
#include <string_view>

#include "infer/prediction_text.h"
#include "memory_file.h"
#include "recur/model.h"
#include "recur/types/error.h"
#include "tasks/evaluate.h"
#include "tasks/records_task.h"

namespace recur {

// Trains a network on the file for one batch, scores it and lets it predict; recur::Error is the only way out but
// success.
inline void run_records(const TaskOptions& options, std::string_view bytes) {
  const MemoryFile file(bytes);
  try {
    const InputFile input(file.path());
    const RecordData data(input, {});
    const ReadOptions reading{.length = {12, false}, .part = RecordPart::training};
    Network network(learn_task(options, data, reading, nullptr));
    network.start({});
    const auto training = read_records(network.fields(), data, reading);
    ReadOptions held_out = reading, unanswered = reading;
    held_out.part = RecordPart::held_out;
    unanswered.part = RecordPart::all;
    unanswered.answers = false;
    const auto validation = read_records(network.fields(), data, held_out);
    const auto questions = read_records(network.fields(), data, unanswered);
    PredictOptions how;
    how.decode.beam = 2;
    if (training->size() > 0) {
      network.learn(*training);
      RecordsTask task(network, *training, *validation, {4, 100}, {});
      task.begin_epoch(0);
      task.train_batch(0);
      evaluate(network, *training, how);
    }
    predict(network, *questions, how, [](std::size_t, Prediction&& prediction) { prediction_text(prediction); });
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
