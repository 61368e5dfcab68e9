// recur eval: how well a model predicts a text.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/decode_options.h"
#include "cli/terminal.h"
#include "recur/model.h"
#include "recur/word_vectors.h"
#include "tasks/nearest_caption.h"
#include "tasks/recipe_options.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Score a model on data that it has not seen\n"
    "\n"
    "Prints one JSON object on standard output.\n"
    "Of a language model: tokens, nats_per_token, bits_per_token, perplexity, and unseen when the text holds\n"
    "characters that the model does not know (they are left out), state carried through the file; of one of lines, or\n"
    "for labels: records, tokens and the same, and unknown when texts hold tokens that the model does not know.\n"
    "Of a classifier: records, accuracy, macro_f1, nats_per_record, labels, confusion (a row for each true label).\n"
    "Of a tagger: sentences, words, accuracy, nats_per_word, and f1, precision, recall where tags mark chunks.\n"
    "Of a translator: records, sources, bleu (0 to 100), exact, error_rate, nats_per_token, perplexity, unknown as\n"
    "above, and cut_outputs when outputs were cut before they had ended.\n"
    "Of summaries: records, sources, rouge_1, rouge_2, rouge_l, rouge_lsum (F1, 0 to 100), recalls, and the same of\n"
    "the source's first sentence and of the span of it that does best.\n"
    "Of captions: records, pictures, bleu_1 to bleu_4, rouge_l, cider, and the same of one caption for all, and, with\n"
    "--baseline, of the nearest picture's.\n"
    "Of a recogniser: records, words, wer (the word error rate: substitutions, deletions and insertions for each word\n"
    "that was wanted), cer (of characters), ser (the share of texts with an error), loss, and worst: texts with the\n"
    "most wrong words, word below word.\n"
    "Of answers that are chosen: records, questions, map, mrr, accuracy_at_1; others are as a classifier's.\n"
    "Of numbers: mean_absolute_error, root_mean_square_error, scaled_square_error; of effects error_to_signal.\n"
    "Of a forecaster: windows, steps, mean_absolute_error, root_mean_square_error, mape, smape, mase, the errors in\n"
    "deviations of the training data, pinball, crps and coverage_80 where it has quantiles, loss, and the same errors\n"
    "of what anybody could have said: naive (the last number), seasonal_naive, drift.\n"
    "Of pictures that are drawn: pictures, nats_per_picture, bits_per_dimension.\n"
    "Of word vectors: of lines \"word word score\" pairs, covered, spearman; of lines \"a b c d\", a being to b as c "
    "to\n"
    "d, questions, covered, right, accuracy, and sections. Lines with unknown words are not covered.";
constexpr const char* kExamples =
    "Examples:\n  recur eval book.safetensors --data other.txt\n"
    "  recur eval vectors.safetensors --data pairs.tsv";

struct Options {
  std::string model, data, baseline;
  PredictOptions predict;
};

int evaluate(const Options& options, const OptionList& list, const Given& given) {
  if (WordVectors::is_in(options.model)) {
    refuse_decode_options(list, given, "embed");
    write_out(WordVectors::load(options.model).evaluate(options.data) + "\n");
    return kDone;
  }
  if (!options.baseline.empty() && (options.baseline == "-" || options.data == "-")) {
    fail("--baseline: expected two files; standard input can be read only once");
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
  if (options.baseline.empty()) {
    write_out(e.metrics + "\n");
    return kDone;
  }
  auto metrics = nlohmann::ordered_json::parse(e.metrics);
  const DataLayout& layout = options.predict.layout;
  const InputFile known(options.baseline), asked(options.data);
  metrics["nearest"] = nearest_caption_scores(model.options(), {known, layout}, {asked, layout});
  write_out(metrics.dump() + "\n");
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
  list.text("baseline", options->baseline, "FILE",
            "Of captions: training data, of which the caption of the most similar picture is measured, too");
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
