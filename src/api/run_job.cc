#include "api/run_job.h"

#include <nlohmann/json.hpp>

#include "api/job_data.h"
#include "api/job_options.h"
#include "api/thread_limit.h"
#include "api/training_run.h"
#include "base/error.h"
#include "io/network_file.h"

namespace recur {

Trained run_job(const Job& job, const TrainingHooks& hooks, const std::function<void(const JobSummary&)>& begin,
                const TrainingSamples& samples) {
  const ThreadLimit limit(job.threads);
  Job listed = job, unset;
  unset.task = find_task(job.task.task()).standard;
  OptionList options, standard;
  list_options(options, listed);
  list_options(standard, unset);
  options.check();
  if (job.model.empty()) fail("--out: expected the name of a file, got nothing");
  TrainingRun run(job.model, job.resume, options, standard);
  const auto data = JobData::read(job, run.checkpoint());
  data->tell(run);
  const auto task = data->task();
  if (begin) begin(data->summary());
  Network& network = data->network();
  const auto provenance = [&](const Progress& progress) { return data->provenance(progress).dump(); };
  const auto head = [&] { return head_of(network); };
  const TrainingResult result = run.train(
      {head, network.parameters(), provenance, samples.every, sample_of(network, samples)}, *task, job.training, hooks);
  const std::string origin = data->provenance({}).dump();
  return {result, data->take_network(), origin};
}

}  // namespace recur
