// recur train classify: a label for a text or a sequence of vectors.
#include <memory>

#include "cli/flags.h"
#include "cli/network_flags.h"
#include "cli/train_records.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Train a classifier: it learns to give a text, or a sequence of vectors, one of several labels\n"
    "\n"
    "Records are lines of label<TAB>text, or of JSON: {\"label\": \"a\", \"sequence\": [[0.5, 1], [0.25, 2]]}.\n"
    "Validation goes by accuracy. Prints one JSON object on standard output: best_loss (nats a record),\n"
    "best_accuracy, epoch, steps, seconds, reason, model.";
constexpr const char* kExamples =
    "Examples:\n"
    "  recur train classify --data questions.tsv --out questions.safetensors\n"
    "  recur train classify --data reviews.tsv --tokenizer token --lowercase --min-count 3 --max-length 400\n"
    "  recur train classify --data reviews.tsv --init-from language.safetensors --freeze-epochs 1\n"
    "  recur predict questions.safetensors --data new.tsv";

}  // namespace

Command add_train_classify(CLI::App& train) {
  CLI::App* parser = train.add_subcommand("classify", kDescription)->footer(kExamples);
  const auto command = std::make_shared<TrainRecords>(*parser, ClassifyOptions(), "record",
                                                      "Lines of label<TAB>text, or of JSON; - is standard input");
  ClassifyOptions& o = std::get<ClassifyOptions>(command->job().task);
  add_text_codec_flags(*parser, o.text);
  add_recurrent_flags(*parser, o.network);
  add_bidirectional_flag(*parser, o.network);
  add_embedding_flags(*parser, o.embedding, o.embedding_dropout, o.vectors);
  constexpr Pooling kPoolings[] = {Pooling::last, Pooling::mean, Pooling::max, Pooling::attention};
  add_choice(*parser, "--pooling", o.pooling, kPoolings, "How a sequence's outputs become one vector")
      ->group("Network");
  add_text(*parser, "--class-weights", "WEIGHTS", o.class_weights,
           "Weights in the loss: balanced, or label=weight with commas between")
      ->group("Batches and gradients");
  add_text(*parser, "--init-from", "MODEL", o.init_from,
           "A language model whose vocabulary, embedding and layers this one starts from")
      ->group("Start");
  add_count(*parser, "--freeze-epochs", o.freeze_epochs, 0, "Epochs in which these are not trained")->group("Start");
  return {parser, [command] { return command->run(); }};
}

}  // namespace recur
