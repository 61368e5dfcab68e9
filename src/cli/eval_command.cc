// recur eval: how well a model predicts a text.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/decode_options.h"
#include "cli/metric_table.h"
#include "cli/skip_bad.h"
#include "cli/terminal.h"
#include "recur/model.h"
#include "recur/word_vectors.h"
#include "tasks/adaptation.h"
#include "tasks/nearest_caption.h"
#include "tasks/recipe_options.h"
#include "tasks/references.h"

namespace recur {
namespace {

constexpr const char* kEvalDescription =
    "Score a model on data that it has not seen\n"
    "\n"
    "Prints one JSON object on standard output; of a classifier, where that is a terminal, a table.\n"
    "Of a language model: tokens, nats_per_token, bits_per_token, perplexity, bits_per_character and bits_per_byte,\n"
    "which compare models of other tokenizers, and unseen when the text holds characters that the model does not know\n"
    "(they are left out), state carried through the file; with --dynamic and\n"
    "--cache it learns from what it has been scored on (the model in the file stays as it is); of one of lines, or\n"
    "for labels: records, tokens and the same, and unknown when texts hold tokens that the model does not know.\n"
    "Of a classifier: records, accuracy, macro_f1, nats_per_record, calibration_error, labels, confusion (a row for\n"
    "each true label), per_label (precision, recall, f1, support), and unknown_labels when records have labels that\n"
    "the model has not; with any number of labels a record: f1, precision and recall, each micro_, macro_ and\n"
    "sample_, subset_accuracy, hamming_loss, coverage_error, ranking_average_precision, ranking_loss.\n"
    "Of a tagger: sentences, words, accuracy, nats_per_word, and where tags mark chunks f1, precision, recall, and\n"
    "per_type, the same of each type with its counts. A terminal has a table of labels or of types instead.\n"
    "Of a translator: records, sources, bleu and chrf (0 to 100), exact, error_rate, nats_per_token, perplexity,\n"
    "unknown as above, and cut_outputs when outputs were cut before they had ended. With --reference: records,\n"
    "references, bleu and chrf against all of them, nats_per_token, perplexity, unknown, cut_outputs.\n"
    "Of summaries: records, sources (different ones: means are over these), rouge_1, rouge_2, rouge_l, rouge_lsum "
    "(F1,\n"
    "0 to 100), recalls, and the same of the source's first sentence and of the span of it that does best.\n"
    "Of captions: records, pictures, bleu_1 to bleu_4, rouge_l, cider, and the same of one caption for all, and, with\n"
    "--baseline, of the nearest picture's.\n"
    "Of a recogniser: records, words, wer (the word error rate: substitutions, deletions and insertions for each word\n"
    "that was wanted), cer (of characters), ser (the share of texts with an error), loss, and worst: texts with the\n"
    "most wrong words, word below word.\n"
    "Of answers that are chosen: records, questions, map, mrr, accuracy_at_1, right_label (the one that says that an\n"
    "answer is right), unknown_labels; others are as a classifier's.\n"
    "Of numbers: mean_absolute_error, root_mean_square_error, scaled_square_error; of effects error_to_signal.\n"
    "Of a forecaster: windows, steps, mean_absolute_error, root_mean_square_error, mape, smape, mase, the errors in\n"
    "deviations of the training data, pinball, crps and coverage_80 where it has quantiles, loss, and the same errors\n"
    "of what anybody could have said: naive (the last number), seasonal_naive, drift.\n"
    "Of pictures that are drawn: pictures, nats_per_picture, bits_per_dimension.\n"
    "Of chords: pieces, steps, nats_per_step, accuracy: of all notes that sound or are predicted, the share\n"
    "that do both.\n"
    "Of strokes: drawings, steps, nats_per_step (-log density, which may be below 0).\n"
    "Of word vectors: of lines \"word word score\" pairs, covered, spearman; of lines \"a b c d\", a being to b as c "
    "to\n"
    "d, questions, covered, right, accuracy, and sections. Lines with unknown words are not covered.";
constexpr const char* kEvalExamples =
    "Examples:\n  recur eval book.safetensors --data other.txt\n"
    "  recur eval words.safetensors --data other.txt --dynamic 0.1 --cache 2000\n"
    "  recur eval vectors.safetensors --data pairs.tsv";

struct EvalArguments {
  std::string model, data, baseline;
  std::vector<std::string> with, references;
  PredictOptions predict;
  bool skip_bad = false;
};

// Throws where a flag was given that says how a language model learns meanwhile, and this is none, or does not learn
// so. `task`: the model's, unless it is one of one text.
void check_adaptation(EvalArguments options, const Given& given, const std::string& task) {
  OptionList adaptation;
  list_options(adaptation, options.predict.adaptation);
  for (const Option& option : adaptation.all()) {
    if (!given.has(option.name)) continue;
    if (!task.empty()) {
      fail("--{}: only a language model of one text has a use for it; this model's task is {}", option.name, task);
    }
    const std::string kind = option.name.substr(0, option.name.find('-'));
    if (!given.has(kind)) throw Misuse(fmt::format("--{}: only goes with --{}", option.name, kind));
  }
}

// A translator's outputs against several references each.
int evaluate_references(const Model& model, const EvalArguments& options) {
  PredictOptions how = options.predict;
  ReferenceScores scores(read_references(model.options(), {InputFile(options.data), how.layout}, options.references));
  how.score = true;  // which also refuses records of which something is empty
  const auto add_target = [&](const Prediction* prediction, std::size_t) {
    scores.add_target(std::get<TextScore>(*prediction));
  };
  const std::size_t cut = model.predict(options.data, add_target, how).cut;
  how.score = false;
  const auto add_output = [&](const Prediction* prediction, std::size_t line) {
    scores.add_output(line - 1, prediction == nullptr ? nullptr : &std::get<TextPrediction>(*prediction));
  };
  model.predict(options.data, add_output, how);
  say_cut_outputs(options.data, scores.cut_outputs(), how.decode);
  write_out(scores.metrics(cut).dump() + "\n");
  return kDone;
}

int evaluate(const EvalArguments& options, const OptionList& list, const Given& given) {
  if (WordVectors::is_in(options.model)) {
    check_adaptation(options, given, "embed");
    refuse_decode_options(list, given, "embed");
    for (const char* name :
         {"with", "reference", "skip-bad", "format", "columns", "max-length", "samples", "seed", "baseline"}) {
      if (given.has(name)) fail("--{}: word vectors have no use for it", name);
    }
    write_out(load_vectors(options.model).evaluate(options.data) + "\n");
    return kDone;
  }
  if (!options.baseline.empty() && (options.baseline == "-" || options.data == "-")) {
    fail("--baseline: expected two files; standard input can be read only once");
  }
  if (!options.references.empty() && options.data == "-") {
    fail("--reference: expected a file for --data; standard input can be read only once");
  }
  if (!options.references.empty() && !options.baseline.empty()) {
    fail("--reference, --baseline: one is of translations, the other of captions; leave one out");
  }
  if (options.skip_bad && !(options.references.empty() && options.baseline.empty())) {
    fail("--skip-bad: --reference and --baseline want every record; leave one out");
  }
  const Model model = load_together(options.model, options.with);
  check_decode_options(list, given, model, options.predict.decode);
  check_drawing_options(given, model, options.predict.decode);
  check_max_length(given, model);
  check_whole_text(given, model);
  check_adaptation(options, given, reads_text(model.options()) ? "" : model.task());
  if (!options.references.empty()) return evaluate_references(model, options);
  const Evaluation e = model.evaluate(options.data, skipping_bad(options.predict, options.skip_bad));
  if (e.unseen > 0) {
    complain(fmt::format("{}: {} tokens that the model has never seen are left out", shown_name(options.data),
                         with_thousands(e.unseen)));
  }
  for (const std::string& note : e.notes) complain(note);
  say_cut_outputs(options.data, e.cut_outputs, options.predict.decode);
  say_skipped(options.data, static_cast<std::size_t>(e.skipped));
  auto metrics = nlohmann::ordered_json::parse(e.metrics);
  if (options.baseline.empty()) {
    const std::string table = output_is_terminal() ? metric_table(metrics) : "";
    write_out(table.empty() ? e.metrics + "\n" : table);
    return kDone;
  }
  const DataLayout& layout = options.predict.layout;
  const InputFile known(options.baseline), asked(options.data);
  metrics["nearest"] = nearest_caption_scores(model.options(), {known, layout}, {asked, layout});
  write_out(metrics.dump() + "\n");
  return kDone;
}

}  // namespace

Command eval_command() {
  const auto options = std::make_shared<EvalArguments>();
  Command command{"eval", kEvalDescription, kEvalExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list_data(list, options->data, "The text or the records; - is standard input");
  list.count("max-length", options->predict.max_length, {1}, "Longer sequences of records are cut");
  list_options(list, options->predict.layout);
  list_skip_bad(list, options->skip_bad);
  list_with(list, options->with);
  list.texts("reference", options->references, "FILE",
             "Of translations: a line for each record that would be right, too; may be given several times");
  list.text("baseline", options->baseline, "FILE",
            "Of captions: training data, of which the caption of the most similar picture is measured, too");
  list_forecast_options(list, options->predict);
  OptionList decode;
  list_options(decode, options->predict.decode);
  for (const Option& option : decode.all()) {
    if (option.name != "n-best") list.add(option);
  }
  list_options(list, options->predict.adaptation);
  list_threads(list);
  command.run = [options, list](const Given& given) { return evaluate(*options, list, given); };
  return command;
}

}  // namespace recur
