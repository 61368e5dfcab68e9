// recur predict: what a model says of each record of a file.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/decode_options.h"
#include "cli/listen.h"
#include "cli/skip_bad.h"
#include "cli/terminal.h"
#include "cli/training_command.h"
#include "data/frames/sound_file.h"
#include "draw/svg_alignment.h"
#include "draw/svg_forecast.h"
#include "infer/prediction_text.h"
#include "recur/model.h"
#include "tasks/network.h"
#include "tasks/recipe_options.h"

namespace recur {
namespace {

constexpr const char* kPredictDescription =
    "Predict: one line for each line of the data, in order\n"
    "\n"
    "  classify   LINE is text, label<TAB>text or JSON: the label, then label=probability, the most likely first,\n"
    "             with tabs between\n"
    "  tag        LINE is a word, perhaps with other columns, or CoNLL-U; an empty line ends a sentence: the word, a\n"
    "             tab and its tag; with --probabilities a tab and how probable that is; with --n-best the best\n"
    "             sequences, each below a line # number<TAB>log probability and before an empty line\n"
    "  translate  LINE is source or source<TAB>target: the output\n"
    "  summarize  LINE is source or source<TAB>summary: the summary\n"
    "  caption    LINE is JSON or the path of a picture: the caption\n"
    "  transcribe LINE is a path, or JSON: the text\n"
    "  lm         LINE is a text, which stands for itself: its -log probability in nats, how many tokens it is with "
    "its\n"
    "             end, the perplexity, and how many tokens the model does not know, with tabs between; of\n"
    "             lm --conditioned LINE is label<TAB>text\n"
    "  regress    LINE is text, JSON or a path: the numbers, with blanks between, those of steps with tabs\n"
    "  answer     LINE is JSON, story<TAB>question or, of candidates, question<TAB>answer: as of classify\n"
    "  draw       LINE is JSON or the path of a picture: a bound of its -log probability, in nats\n"
    "  chords     LINE is JSON: the -log probability of the piece, in nats, a tab, how many steps it has\n"
    "  strokes    LINE is JSON: -log density of the drawing, in nats, a tab, how many steps it has\n"
    "  effect     LINE is the path of a recording, behind it with tabs between where its knobs stand: its samples, "
    "with\n"
    "             tabs between; or --data in.wav --out out.wav --knob gain=0.7\n"
    "  forecast   a table or a series a line: CSV of how each series goes on behind its last number, with a header\n"
    "With --score, how probable the targets are that are there, to a decoder: as of lm. With --tokens, of both: a line "
    "a\n"
    "token, it, a tab and its -log probability, and an empty line after each text.\n"
    "With --surprise, how improbable what is there was after what came before it: of a forecaster CSV of each number "
    "and\n"
    "its -log density, in nats; of a language model of one text each line's -log probability after all the lines "
    "before\n"
    "it, a tab, how many tokens it is with its end.\n"
    "Other formats than lines have a record where these have a line (--format).\n"
    "What is to be predicted need not be in the data; where it is, it is not looked at. An empty line, which may have\n"
    "white space, has an empty answer. With --skip-bad so has a record that cannot be read: what is wrong with it is "
    "said\n"
    "on standard error, and at the end how many there were; the exit code is 0.";
constexpr const char* kPredictExamples =
    "Examples:\n"
    "  recur predict questions.safetensors --data new.tsv > answers.tsv\n"
    "  recur predict a.safetensors --with b.safetensors --with c.safetensors --data new.txt\n"
    "  recur predict de-en.safetensors --score --data pairs.tsv\n"
    "  arecord -t raw -f S16_LE -r 16000 | recur predict speech.safetensors --listen --data -";

struct PredictArguments {
  std::string model, data, out, alignments, drawing, plot;
  std::vector<std::string> with, knobs;
  PredictOptions predict;
  bool scores = false, surprise = false, listen = false, skip_bad = false;
};

// {"source": [..], "target": [..], "weights": [[..], ..]}
std::string json_line(const Alignment& a) {
  std::string weights;
  for (std::size_t i = 0; i < a.weights.size(); ++i) {
    if (i % a.source.size() == 0) weights += i == 0 ? "[" : "],[";
    fmt::format_to(std::back_inserter(weights), "{}{:.7g}", i % a.source.size() == 0 ? "" : ",", a.weights[i]);
  }
  if (!weights.empty()) weights += "]";
  return fmt::format("{{\"source\":{},\"target\":{},\"weights\":[{}]}}\n", nlohmann::json(a.source).dump(),
                     nlohmann::json(a.target).dump(), weights);
}

// {"words": [{"word": .., "first": .., "last": ..}, ..]}
std::string json_line(const std::vector<SpokenWord>& words) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const SpokenWord& word : words) all.push_back({{"word", word.word}, {"first", word.first}, {"last", word.last}});
  return nlohmann::ordered_json({{"words", all}}).dump() + "\n";
}

// Where alignments go: each as a line of JSON, the first as a picture.
class AlignmentFiles {
 public:
  AlignmentFiles(const std::string& lines, const std::string& drawing) {
    if (!lines.empty()) lines_.emplace(lines);
    if (!drawing.empty()) drawing_.emplace(drawing);
  }
  bool wanted() const { return lines_ || drawing_; }
  void write(const TextPrediction& text) {
    const bool looked = !text.alignment.target.empty();
    if (lines_) lines_->write(looked ? json_line(text.alignment) : json_line(text.words));
    if (drawing_ && !drawn_) drawing_->write(svg_alignment(text.alignment));
    drawn_ = true;
  }
  // Of an empty line or a record that is skipped.
  void write_none() {
    if (lines_) lines_->write("{}\n");
  }
  void commit() {
    if (lines_) lines_->commit();
    if (drawing_ && drawn_) drawing_->commit();
  }

 private:
  std::optional<OutputFile> lines_, drawing_;
  bool drawn_ = false;
};

// Throws Misuse where a flag was given that this way to predict has no use for.
void check_flags(const OptionList& list, const Given& given, std::string_view way,
                 std::initializer_list<std::string_view> used) {
  for (const Option& option : list.all()) {
    const std::string_view name = option.name;
    if (option.argument || !given.has(name) || name == way || std::ranges::find(used, name) != used.end()) continue;
    throw Misuse(fmt::format("--{}: --{} has no use for it", name, way));
  }
}

// The samples a second of the signal that a head makes of another.
std::size_t rate_of(const Model& model, const SignalSpec& signal) {
  for (const FieldSpec& field : model.options().make_recipe(InputKind::text).fields) {
    const auto* numbers = std::get_if<NumbersSpec>(&field.kind);
    if (field.name == signal.input && numbers != nullptr && numbers->sound) return numbers->sound->sample_rate;
  }
  fail("--out: a model of the task {} makes no sounds", model.task());
}

void say_outside(const std::string& data, const Predicted& predicted) {
  if (predicted.outside == 0) return;
  const std::string more =
      predicted.outside == 1 ? "" : fmt::format(", and that of {} more", with_thousands(predicted.outside - 1));
  complain(fmt::format("{}: {}: what comes out is a guess{}", shown_name(data), predicted.outside_what, more));
}

void say_not_whole(const std::string& data, const Predicted& predicted) {
  if (predicted.cut > 0) {
    complain(fmt::format("{}: {} over --max-length were cut", shown_name(data), with_thousands(predicted.cut)));
  }
  for (const std::string& note : predicted.notes) complain(note);
  say_skipped(data, predicted.skipped);
  say_outside(data, predicted);
}

// Where a record cannot be read, it says first what there is to say of the answers before it.
Predicted predict_file(const Model& model, const std::string& data,
                       const std::function<void(const Prediction* prediction, std::size_t line)>& use,
                       const PredictOptions& how, const std::function<void(const Predicted& predicted)>& say) {
  try {
    return model.predict(data, use, how);
  } catch (const CutShort& cut) {
    say(cut.before);
    throw;
  }
}

// A signal goes into a file of its own.
int predict_sound(const Model& model, const PredictArguments& options, std::size_t rate) {
  if (!is_writable_sound(options.out)) throw Misuse("--out: expected the name of a .wav or .flac file");
  check_other_file("--out", options.out, {options.model, options.data});
  std::optional<std::vector<float>> sound;
  const auto use = [&](const Prediction* prediction, std::size_t) {
    if (prediction == nullptr) return;
    if (sound) fail("{}: has several recordings, and --out is one; give one at a time", shown_name(options.data));
    const std::vector<double>& numbers = std::get<NumbersPrediction>(*prediction).numbers.values;
    sound.emplace(numbers.begin(), numbers.end());
  };
  const Predicted predicted = model.predict(options.data, use, options.predict);
  if (!sound) fail("{}: has no recording", shown_name(options.data));
  const std::size_t clipped = write_sound(options.out, *sound, rate);
  if (clipped > 0) {
    complain(fmt::format("{}: {} of {} samples were louder than a file can say, and are cut", options.out,
                         with_thousands(clipped), with_thousands(sound->size())));
  }
  say_outside(options.data, predicted);
  return kDone;
}

int predict_surprise(const Model& model, const PredictArguments& options, const Given& given) {
  const bool lines = std::holds_alternative<NextTokenSpec>(head_spec(model));
  if (lines && !reads_text(model.options())) {
    fail(
        "--surprise: nothing comes before a line of a model of lines, and recur predict says how probable it is; "
        "leave it out");
  }
  check_whole_text(given, model);
  bool begun = false;
  const auto begin = [&](bool steps) {
    write_out(fmt::format("{},group,value,surprise\n", steps ? "step" : "date"));
    begun = true;
  };
  std::size_t unknown = 0;
  model.surprise(
      options.data,
      [&](const Surprise& s) {
        unknown += s.unknown;
        if (lines) return write_out(fmt::format("{:.6f}\t{}\n", s.nats, s.tokens));
        if (!begun) begin(s.date.empty());
        write_out(fmt::format("{},{},{},{:.6f}\n", s.date.empty() ? std::to_string(s.place) : s.date, csv_cell(s.group),
                              number_text(s.value), s.nats));
      },
      options.predict.layout);
  if (!lines && !begun) begin(false);
  if (unknown > 0) {
    complain(fmt::format("{}: {} tokens that the model has never seen count as if all tokens were equally probable",
                         shown_name(options.data), with_thousands(unknown)));
  }
  return kDone;
}

// How probable targets are that are there.
int predict_score(const Model& model, const PredictArguments& options) {
  if (!std::holds_alternative<DecoderSpec>(head_spec(model))) {
    fail("--score: only a model whose texts are written by a decoder has a use for it; this one's task is {}",
         model.task());
  }
  const auto use = [&](const Prediction* prediction, std::size_t line) {
    const OutputLines lines = options.predict.tokens ? OutputLines::tokens : OutputLines::plain;
    write_out(prediction == nullptr ? "\n" : prediction_text(*prediction, line, lines));
  };
  const PredictOptions how = skipping_bad(options.predict, options.skip_bad);
  const auto say = [&](const Predicted& predicted) { say_not_whole(options.data, predicted); };
  say(predict_file(model, options.data, use, how, say));
  return kDone;
}

int predict(const PredictArguments& options, const OptionList& list, const Given& given) {
  if (options.listen) {
    check_flags(list, given, "listen", {"data", "threads"});
    return listen(Model::load(options.model), options.data);
  }
  if (options.surprise) {
    check_flags(list, given, "surprise", {"data", "threads", "format", "columns"});
    return predict_surprise(Model::load(options.model), options, given);
  }
  const Model model = load_together(options.model, options.with);
  if (options.predict.score) {
    check_flags(list, given, "score",
                {"data", "with", "tokens", "threads", "format", "columns", "max-length", "skip-bad"});
    return predict_score(model, options);
  }
  const HeadSpec head = head_spec(model);
  if (given.has("out")) {
    const auto* signal = std::get_if<SignalSpec>(&head);
    if (signal == nullptr) fail("--out: only an effect writes a sound; predictions go to standard output");
    check_flags(list, given, "out", {"data", "knob", "threads", "format", "columns"});
    return predict_sound(model, options, rate_of(model, *signal));
  }
  check_decode_options(list, given, model, options.predict.decode);
  check_drawing_options(given, model, options.predict.decode);
  check_max_length(given, model);
  check_tag_options(given, model);
  PredictOptions how = skipping_bad(options.predict, options.skip_bad);
  if (!options.drawing.empty() && text_along_steps(head) != nullptr) {
    fail(
        "--alignment-svg: draws what a decoder looked at, and this model has none; --alignments FILE says when each "
        "word was spoken");
  }
  if (!options.drawing.empty() && !options.drawing.ends_with(".svg")) {
    fail("--alignment-svg: expected the name of a .svg file, got {}", options.drawing);
  }
  const auto* decoder = std::get_if<DecoderSpec>(&head);
  if (!options.drawing.empty() && decoder != nullptr && decoder->attention == Attention::none) {
    fail("--alignment-svg: this model was trained without --attention");
  }
  if (how.tokens && !std::holds_alternative<NextTokenSpec>(head)) {
    fail("--tokens: only a language model, or --score, has a use for it; this one's task is {}", model.task());
  }
  if (!options.plot.empty() && !std::holds_alternative<ForecastSpec>(head)) {
    fail("--plot: only a model of the task forecast has a use for it; this one's task is {}", model.task());
  }
  if (!options.plot.empty() && !options.plot.ends_with(".svg")) {
    fail("--plot: expected the name of a .svg file, got {}", options.plot);
  }
  const std::pair<const char*, const std::string*> written[] = {
      {"--alignments", &options.alignments}, {"--alignment-svg", &options.drawing}, {"--plot", &options.plot}};
  std::vector<std::string> inputs = options.with;
  inputs.insert(inputs.end(), {options.model, options.data, how.decode.language_model, how.decode.lexicon});
  for (const auto& [flag, file] : written) check_other_file(flag, *file, inputs);
  check_other_output("--alignment-svg", options.drawing, options.alignments);
  AlignmentFiles alignments(options.alignments, options.drawing);
  how.alignments = alignments.wanted();
  const OutputLines lines = how.decode.n_best > 1 ? OutputLines::numbered
                            : options.scores      ? OutputLines::scored
                            : how.tokens          ? OutputLines::tokens
                                                  : OutputLines::plain;
  std::string plot;  // of the first
  std::size_t cut_outputs = 0;
  const auto use = [&](const Prediction* prediction, std::size_t line) {
    write_out(prediction == nullptr ? "\n" : prediction_text(*prediction, line, lines));
    if (prediction == nullptr) return alignments.write_none();
    if (!options.plot.empty() && plot.empty()) plot = svg_forecast(std::get<ForecastPrediction>(*prediction));
    const auto* text = std::get_if<TextPrediction>(prediction);
    if (text == nullptr) return;
    for (const Output& output : text->outputs) cut_outputs += output.ended ? 0 : 1;
    if (how.alignments) alignments.write(*text);
  };
  const auto say = [&](const Predicted& predicted) {
    say_not_whole(options.data, predicted);
    say_cut_outputs(options.data, cut_outputs, how.decode);
  };
  const Predicted predicted = predict_file(model, options.data, use, how, say);
  alignments.commit();
  if (!options.plot.empty()) replace_file(options.plot, plot);
  say(predicted);
  return kDone;
}

}  // namespace

Command predict_command() {
  const auto options = std::make_shared<PredictArguments>();
  Command command{"predict", kPredictDescription, kPredictExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list_data(list, options->data, "The records; - is standard input");
  list_with(list, options->with);
  list.text("out", options->out, "FILE", "Of an effect: the sound to write, .wav or .flac; --data is one to read");
  list_knobs(list, options->knobs);
  list.count("max-length", options->predict.max_length, {1}, "Longer sequences are cut");
  list_options(list, options->predict.layout);
  list_skip_bad(list, options->skip_bad);
  list_options(list, options->predict.decode);
  list.group(kSearchGroup);  // of any model that writes texts
  list.flag("scores", options->scores, "Lines of score<TAB>output");
  list.text("alignments", options->alignments, "FILE",
            "Write what each output looked at, a line of JSON each: source, target, weights; of CTC and a "
            "transducer words, each with the steps from which to which it stands");
  list.text("alignment-svg", options->drawing, "FILE", "Draw that of the first output");
  list.group("Tags");
  list.flag("probabilities", options->predict.probabilities,
            "With the probability of each tag, whatever the others are");
  list_forecast_options(list, options->predict);
  list.group("Instead of answers");
  list.flag("score", options->predict.score, "How probable the targets are that are there; of decoders");
  list.flag(
      "tokens", options->predict.tokens,
      "With --score, and of language models: lines of token<TAB>-log probability, and an empty line after each text");
  list.flag("surprise", options->surprise, "How improbable what is there was; of forecasters and language models");
  list.flag(
      "listen", options->listen,
      "--data is raw sound as it comes, 16 bits a sample, one channel, at the model's rate: its text, or its label "
      "where that changes");
  list.text("plot", options->plot, "FILE", "Draw the first forecast, behind what was known, as SVG");
  list_threads(list);
  command.run = [options, list](const Given& given) {
    options->predict.knobs = parse_knobs(options->knobs);
    return predict(*options, list, given);
  };
  return command;
}

}  // namespace recur
