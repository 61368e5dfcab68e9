// recur rescore: n-best lists, put into another order by a language model.
#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "data/white_space.h"
#include "infer/rescore.h"
#include "recur/model.h"
#include "tasks/network.h"

namespace recur {
namespace {

constexpr const char* kRescoreDescription =
    "Put n-best lists into another order by a language model\n"
    "\n"
    "LINE is id<TAB>score<TAB>text, as recur predict --n-best writes it, the lines of a list one after the other. A "
    "text's\n"
    "new score is its score + --weight * log p + --length-bonus * tokens, p and tokens being those of the model, of "
    "lines\n"
    "or of one text, with the end of the text. Written are the same lines with the new scores, the best of each list\n"
    "first. With --tune both numbers are those of a grid (0, and 1, 1.5, 2, 3, 5, 7 times 0.001, 0.01, 0.1 and 1, of "
    "the\n"
    "bonus negative ones, too) that make the --measure of the first texts of all lists best, which is said; on other\n"
    "lists these are then given. Empty texts come last.";
constexpr const char* kRescoreExamples =
    "Examples:\n"
    "  recur predict de-en.safetensors --data valid.tsv --n-best 10 --beam 10 > valid.nbest\n"
    "  recur rescore en.safetensors --data valid.nbest --tune valid.tsv > /dev/null\n"
    "  recur rescore en.safetensors --data test.nbest --weight 0.02 | awk -F'\\t' '!seen[$1]++ { print $3 }'";

struct RescoreArguments {
  std::string model, data, references;
  Rescoring how;
  ListMeasure measure = ListMeasure::bleu;
};

// Lets the model say how probable each text is. Returns how many tokens it does not know, and of how many.
std::pair<std::size_t, std::size_t> score(const Model& model, std::vector<CandidateList>& lists) {
  std::vector<Record> texts;
  std::vector<Candidate*> of;
  for (CandidateList& list : lists) {
    for (Candidate& candidate : list.candidates) {
      if (is_blank_text(candidate.text)) continue;
      texts.push_back({{"text", candidate.text}});
      of.push_back(&candidate);
    }
  }
  std::size_t unknown = 0, tokens = 0;
  const std::vector<Prediction> predictions = model.predict(texts);
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto& p = std::get<TextScore>(predictions[i]);
    of[i]->nats = p.nats;
    of[i]->tokens = p.tokens;
    unknown += p.unknown;
    tokens += p.tokens;
  }
  return {unknown, tokens};
}

Rescoring tuned(const RescoreArguments& options, const std::vector<CandidateList>& lists) {
  const InputFile references(options.references);
  const Tuned found = tune(lists, read_wanted(references, lists), options.measure);
  say(fmt::format("best of {} pairs: --weight {} --length-bonus {}: {} {:.2f} (without: {:.2f})\n",
                  with_thousands(found.tried), found.best.weight, found.best.bonus, to_string(options.measure),
                  found.after, found.before));
  return found.best;
}

int rescore(const RescoreArguments& options, const Given& given) {
  const bool tunes = given.has("tune");
  if (!tunes && !given.has("weight")) throw Misuse("--weight: expected a number, or --tune REFERENCES to find one");
  if (tunes && (given.has("weight") || given.has("length-bonus"))) {
    throw Misuse("--tune: finds --weight and --length-bonus; leave them out, or it");
  }
  if (!tunes && given.has("measure")) throw Misuse("--measure: only goes with --tune");
  const Model model = Model::load(options.model);
  if (model.options().as<LinesOptions>() == nullptr && !reads_text(model.options())) {
    fail("{}: expected a language model, of lines or of one text, got a model of the task {}", options.model,
         model.task());
  }
  const InputFile file(options.data);
  std::vector<CandidateList> lists = read_candidates(file);
  const auto [unknown, tokens] = score(model, lists);
  if (unknown > 0) {
    complain(fmt::format("{}: the model does not know {} of the {} tokens", shown_name(options.data),
                         with_thousands(unknown), with_thousands(tokens)));
  }
  rescore(lists, tunes ? tuned(options, lists) : options.how);
  for (const CandidateList& list : lists) {
    std::string text;
    for (const Candidate& c : list.candidates) text += fmt::format("{}\t{:.6f}\t{}\n", list.id, c.score, c.text);
    write_out(text);
  }
  return kDone;
}

}  // namespace

Command rescore_command() {
  const auto options = std::make_shared<RescoreArguments>();
  Command command{"rescore", kRescoreDescription, kRescoreExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list_data(list, options->data, "The lists; - is standard input");
  list.real("weight", options->how.weight, kSize, "Of log p");
  list.real("length-bonus", options->how.bonus, kAnySize, "Of each token");
  list.text("tune", options->references, "FILE",
            "What lists should begin with: line N, and there what stands behind the last tab, is for list N");
  list.choice("measure", options->measure,
              "What --tune makes best: BLEU, word errors, or texts that are exactly right");
  list_threads(list);
  command.run = [options](const Given& given) { return rescore(*options, given); };
  return command;
}

}  // namespace recur
