// recur train translate: a target for a source.
#include <memory>

#include "cli/flags.h"
#include "cli/network_flags.h"
#include "cli/train_records.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Train a translator: an encoder reads a source, a decoder writes its target\n"
    "\n"
    "Records are lines of source<TAB>target. Prints one JSON object on standard output: best_loss (nats a token),\n"
    "best_bleu or best_exact (of the most probable tokens one by one; recur eval searches with a beam), epoch, steps,\n"
    "seconds, reason, model.";
constexpr const char* kExamples =
    "Examples:\n"
    "  recur train translate --data de-en.tsv --out de-en.safetensors\n"
    "  recur train translate --data sums.tsv --source-tokenizer char --target-tokenizer char --measure exact\n"
    "  recur train translate --data de-en.tsv --attention none --reverse-source --bidirectional=false\n"
    "  recur predict de-en.safetensors --data new.de --beam 5 --alignment-svg first.svg";

void add_attention_flags(CLI::App& parser, TranslateOptions& o) {
  constexpr const char* kGroup = "Network";
  constexpr Attention kKinds[] = {Attention::none, Attention::additive, Attention::dot, Attention::general};
  add_choice(parser, "--attention", o.attention, kKinds, "How the decoder looks at the source")->group(kGroup);
  add_count(parser, "--attention-size", o.attention_size, 0, "additive: its width; 0: as --hidden", 1'000'000)
      ->group(kGroup);
  add_switch(parser, "--reverse-source", o.reverse_source, "Read the source from its end to its beginning")
      ->group(kGroup);
  add_switch(parser, "--copy-unknown", o.copy_unknown,
             "An unknown word of the output becomes the word of the source that was looked at most")
      ->group(kGroup);
}

void add_output_flags(CLI::App& parser, TranslateOptions& o) {
  constexpr const char* kGroup = "Output";
  constexpr Softmax kKinds[] = {Softmax::full, Softmax::adaptive, Softmax::sampled};
  constexpr TranslationMeasure kMeasures[] = {TranslationMeasure::bleu, TranslationMeasure::exact,
                                              TranslationMeasure::loss};
  add_choice(parser, "--softmax", o.softmax, kKinds, "Over the target's vocabulary; the others are for large ones")
      ->group(kGroup);
  add_count(parser, "--samples", o.samples, 1, "sampled: tokens that are drawn for each batch", 10'000'000)
      ->group(kGroup);
  add_switch(parser, "--tied", o.tied, "Output weights are those of the target's embedding")->group(kGroup);
  add_choice(parser, "--measure", o.measure, kMeasures, "What validation goes by")->group(kGroup);
}

}  // namespace

Command add_train_translate(CLI::App& train) {
  CLI::App* parser = train.add_subcommand("translate", kDescription)->footer(kExamples);
  const auto command = std::make_shared<TrainRecords>(*parser, TranslateOptions(), "token",
                                                      "Lines of source<TAB>target; - is standard input");
  TranslateOptions& o = std::get<TranslateOptions>(command->job().task);
  add_text_codec_flags(*parser, o.source, "--source-");
  add_text_codec_flags(*parser, o.target, "--target-");
  add_recurrent_flags(*parser, o.network);
  add_bidirectional_flag(*parser, o.network);
  add_attention_flags(*parser, o);
  add_output_flags(*parser, o);
  add_count(*parser, "--embedding", o.embedding, 0, "Width of both embeddings; 0: one-hot, without attention only",
            1'000'000)
      ->group("Network");
  constexpr const char* kRegularisation = "Regularisation";
  add_real(*parser, "--embedding-dropout", o.embedding_dropout, kShare, "Of whole rows of the embeddings")
      ->group(kRegularisation);
  add_real(*parser, "--label-smoothing", o.label_smoothing, kShare, "Share of the target that all tokens have")
      ->group(kRegularisation);
  add_real(*parser, "--scheduled-sampling", o.scheduled_sampling, kShare,
           "Share of the decoder's inputs that are its own predictions, from the fifth epoch on")
      ->group(kRegularisation);
  return {parser, [command] { return command->run(); }};
}

}  // namespace recur
