#include "infer/surprise.h"

#include "base/finite.h"
#include "nn/heads/heads.h"
#include "tasks/evaluate.h"
#include "tasks/windows_task.h"

namespace recur {

void number_surprises(const Network& network, const Records& windows, const std::function<void(const Surprise&)>& use) {
  const std::vector<double> nats = surprises(network, windows);
  const Column& column = windows.columns.front();
  for (std::size_t i = 0; i < nats.size(); ++i) {
    const SeriesWindow window = column.windows[i];
    const Series& series = (*column.series)[window.series];
    const std::string date = series.dates.empty() ? "" : date_text(series.date(window.origin), series.style);
    use({series.group, date, window.origin + 1, series.target[window.origin], 0, nats[i]});
  }
}

void line_surprises(const Network& network, const Corpus& corpus, const std::function<void(const Surprise&)>& use) {
  constexpr std::size_t kSteps = 200;  // of one window; only memory depends on it
  const auto& head = dynamic_cast<const NextTokenHead&>(network.head());
  Windows windows({&corpus, 0, corpus.size()}, 1, kSteps);
  StackState state(network.layers().state_layout(), 1);
  Tape tape(false);
  const Run run{tape, network.parameters(), Noise::silent()};
  Surprise line{"", "", 1, 0, 0, 0};
  while (windows.next()) {
    tape.rewind();
    const Encoding encoded = network.encode(run, windows.batch(), state);
    const Matrix of = tape.value(head.output().log_probabilities(run, encoded.stack.output));
    const std::vector<int>& targets = windows.batch().fields.front().targets;
    for (std::size_t t = 0; t < targets.size(); ++t) {
      line.nats -= static_cast<double>(of.data[t * of.stride + static_cast<std::size_t>(targets[t])]);
      ++line.tokens;
      if (corpus.tokenizer().decode(targets[t]) != "\n") continue;
      check_result(line.nats, "a surprise");
      use(line);
      line = {"", "", line.place + 1, 0, 0, 0};
    }
  }
  if (line.tokens == 0) return;
  check_result(line.nats, "a surprise");
  use(line);
}

}  // namespace recur
