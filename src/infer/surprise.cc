#include "infer/surprise.h"

#include <cmath>

#include "base/finite.h"
#include "nn/heads/heads.h"
#include "tasks/evaluate.h"
#include "tasks/windows_task.h"

namespace recur {

namespace {

// Adds up what the lines of a text are, piece by piece.
class LineSums {
 public:
  LineSums(const Corpus& corpus, const std::function<void(const Surprise&)>& use)
      : tokenizer_(corpus.tokenizer()),
        scanner_(tokenizer_.scanner(corpus.file())),
        use_(use),
        unseen_nats_(std::log(static_cast<double>(tokenizer_.vocabulary().size()))) {
    line_.place = 1;
  }

  // Goes on to the next token that the model knows, past the pieces before it that it does not. Of a token that nothing
  // comes before there are no nats.
  void add_known(std::optional<double> nats) {
    while (add_piece(nats) == Tokenizer::kUnseen) {
    }
  }
  // Goes on to the end of the text.
  void finish() {
    while (add_piece(std::nullopt) != Tokenizer::kEndOfText) {
    }
    if (begun_) end_line();
  }

 private:
  // Returns what the tokenizer makes of the piece.
  int add_piece(std::optional<double> nats) {
    const int id = tokenizer_.next(scanner_);
    if (id == Tokenizer::kEndOfText) return id;
    begun_ = true;
    const bool ends = scanner_.at_line_end();
    if (id == Tokenizer::kUnseen) {
      if (!ends) add(unseen_nats_, 1);
    } else if (nats) {
      add(*nats, 0);
    }
    if (ends) end_line();
    return id;
  }
  void add(double nats, std::size_t unknown) {
    line_.nats += nats;
    line_.unknown += unknown;
    ++line_.tokens;
  }
  void end_line() {
    check_result(line_.nats, "a surprise");
    use_(line_);
    const std::size_t next = line_.place + 1;
    line_ = Surprise();
    line_.place = next;
    begun_ = false;
  }

  const Tokenizer& tokenizer_;
  TokenScanner scanner_;
  const std::function<void(const Surprise&)>& use_;
  double unseen_nats_;  // of a piece that the model does not know, as if all tokens were equally probable
  bool begun_ = false;
  Surprise line_;
};

}  // namespace

void number_surprises(const Network& network, const Records& windows, const std::function<void(const Surprise&)>& use) {
  const std::vector<double> nats = surprises(network, windows);
  const Column& column = windows.columns.front();
  for (std::size_t i = 0; i < nats.size(); ++i) {
    const SeriesWindow window = column.windows[i];
    const Series& series = (*column.series)[window.series];
    const std::string date = series.dates.empty() ? "" : date_text(series.date(window.origin), series.style);
    use({series.group, date, window.origin + 1, series.target[window.origin], 0, 0, nats[i]});
  }
}

void line_surprises(const Network& network, const Corpus& corpus, const std::function<void(const Surprise&)>& use) {
  constexpr std::size_t kSteps = 200;  // of one window; only memory depends on it
  const auto& head = dynamic_cast<const NextTokenHead&>(network.head());
  LineSums lines(corpus, use);
  if (corpus.size() < 2) return lines.finish();  // nothing is known after something
  Windows windows({&corpus, 0, corpus.size()}, 1, kSteps);
  StackState state(network.layers().state_layout(), 1);
  Tape tape(false);
  const Run run{tape, network.parameters(), Noise::silent()};
  lines.add_known(std::nullopt);
  while (windows.next()) {
    tape.rewind();
    const Encoding encoded = network.encode(run, windows.batch(), state);
    const Matrix of = tape.value(head.output().log_probabilities(run, encoded.stack.output));
    const std::vector<int>& targets = windows.batch().fields.front().targets;
    for (std::size_t t = 0; t < targets.size(); ++t) {
      lines.add_known(-static_cast<double>(of.data[t * of.stride + static_cast<std::size_t>(targets[t])]));
    }
  }
  lines.finish();
}

}  // namespace recur
