// The task translate: many to many, of unequal lengths.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, TranslateOptions& o) {
  list_pair(list, o, o.target, "target-", "Width of both embeddings; 0: one-hot, without attention only");
  list_attention(list, o.attention, o.attention_size, {});
  list.flag("reverse-source", o.reverse_source, "Read the source from its end to its beginning");
  list.flag("copy-unknown", o.copy_unknown,
            "An unknown word of the output becomes the word of the source that was looked at most");
  list_softmax(list, o.softmax, o.samples, {});
  list.flag("tied", o.tied, "Output weights are those of the target's embedding");
  list.choice("measure", o.measure, "What validation goes by",
              {OutputMeasure::bleu, OutputMeasure::exact, OutputMeasure::loss});
  list_decoder_regularisation(list, o.label_smoothing, o.scheduled_sampling);
}

Recipe recipe(const TranslateOptions& o) {
  DecoderSpec decoder = decoder_of(o, "target", "source");
  decoder.measure = o.measure;
  decoder.copy_unknown = o.copy_unknown;
  Recipe r{.network = o.network, .head = decoder};
  r.fields = {{"source", TextSpec{.codec = o.source, .reversed = o.reverse_source, .flags = "source-"}},
              {"target", TextSpec{.codec = o.target, .marks = true, .flags = "target-"}, true}};
  r.input = {TokensSpec{"source", o.embedding, o.embedding_dropout}};
  return r;
}

TaskHelp translate_help() {
  return {
      "translate", "token",
      "Train a translator: an encoder reads a source, a decoder writes its target\n"
      "\n"
      "Records are lines of source<TAB>target, or in another format (--format). Prints one JSON object on standard\n"
      "output: best_loss (nats a token), best_bleu or best_exact (of the most probable tokens one by one; recur eval\n"
      "searches with a beam), epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train translate --data de-en.tsv --out de-en.safetensors\n"
      "  recur train translate --data sums.tsv --source-tokenizer char --target-tokenizer char --measure exact\n"
      "  recur train translate --data de-en.tsv --attention none --reverse-source --bidirectional=false\n"
      "  recur predict de-en.safetensors --data new.de --beam 5 --alignment-svg first.svg"};
}

}  // namespace recur
