// recur eval: how well a model predicts a text.
#include <fmt/format.h>

#include <memory>

#include "base/show.h"
#include "cli/commands.h"
#include "cli/decode_options.h"
#include "cli/terminal.h"
#include "recur/model.h"
#include "recur/word_vectors.h"
#include "tasks/recipe_options.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Score a model on data that it has not seen\n"
    "\n"
    "Prints one JSON object on standard output, for a language model: tokens, nats_per_token, bits_per_token, "
    "perplexity, and unseen when\n"
    "the text holds characters that the model does not know (they are left out), state carried through the file;\n"
    "for a classifier: records, accuracy, macro_f1, nats_per_record, labels, confusion (a row for each true label);\n"
    "for a tagger: sentences, words, accuracy, nats_per_word, and f1, precision, recall where tags mark chunks;\n"
    "for a translator: records, sources, bleu (0 to 100), exact, error_rate, nats_per_token, perplexity, unknown as "
    "below, and\ncut_outputs when outputs were cut before they had ended;\n"
    "for a recogniser: records, words, wer (the word error rate: substitutions, deletions and insertions for each "
    "word\n"
    "that was wanted), cer (of characters), ser (the share of texts with an error), loss, and worst: texts with the "
    "most\n"
    "wrong words, word below word;\n"
    "for a forecaster: windows, steps, mean_absolute_error, root_mean_square_error, mape, smape, mase, the errors in\n"
    "deviations of the training data, pinball, crps and coverage_80 where it has quantiles, loss, and the same errors\n"
    "of what anybody could have said: naive (the last number), seasonal_naive, drift;\n"
    "for a conditioned language model: records, tokens, nats_per_token, bits_per_token, perplexity, and unknown when\n"
    "texts hold tokens that the model does not know;\n"
    "for word vectors: of lines \"word word score\" pairs, covered, spearman; of lines \"a b c d\", a being to b as c "
    "to\n"
    "d, questions, covered, right, accuracy, and sections. Lines with unknown words are not covered.";
constexpr const char* kExamples =
    "Examples:\n  recur eval book.safetensors --data other.txt\n"
    "  recur eval vectors.safetensors --data pairs.tsv";

struct Options {
  std::string model, data;
  PredictOptions predict;
};

int evaluate(const Options& options, const OptionList& list, const Given& given) {
  if (WordVectors::is_in(options.model)) {
    refuse_decode_options(list, given, "embed");
    write_out(WordVectors::load(options.model).evaluate(options.data) + "\n");
    return kDone;
  }
  const Model model = Model::load(options.model);
  check_decode_options(list, given, model);
  check_forecast_options(given, model);
  const Evaluation e = model.evaluate(options.data, options.predict);
  if (e.unseen > 0) {
    complain(fmt::format("{}: {} tokens that the model has never seen are left out", options.data,
                         with_thousands(e.unseen)));
  }
  say_cut_outputs(options.data, e.cut_outputs);
  write_out(e.metrics + "\n");
  return kDone;
}

}  // namespace

Command eval_command() {
  const auto options = std::make_shared<Options>();
  Command command{"eval", kDescription, kExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list.text("data", options->data, "FILE", "The text or the records; - is standard input").required = true;
  list.count("max-length", options->predict.max_length, {1}, "Longer sequences of records are cut");
  list_options(list, options->predict.layout);
  list_forecast_options(list, options->predict);
  OptionList decode;
  list_options(decode, options->predict.decode);
  for (const Option& option : decode.all()) {
    if (option.name != "n-best") list.add(option);
  }
  list_threads(list);
  command.run = [options, list](const Given& given) { return evaluate(*options, list, given); };
  return command;
}

}  // namespace recur
