// The task summarize: many to few.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, SummarizeOptions& o) {
  list_pair(list, o, o.summary, "summary-", "Width of both embeddings");
  list_vectors(list, o.vectors);
  list_attention(list, o.attention, o.attention_size, {});
  list.flag("pointer", o.pointer, "Words of the source may be copied, known or not; --pointer=false: not");
  list.real("coverage", o.coverage, kSize, "What it costs to look again at what was looked at; 0: nothing");
  list.count("coverage-from", o.coverage_from, {}, "The epoch from which on it does");
  list_softmax(list, o.softmax, o.samples, {});
  list.flag("tied", o.tied, "Output weights are those of the summary's embedding");
  list_decoder_regularisation(list, o.label_smoothing, o.scheduled_sampling);
}

Recipe recipe(const SummarizeOptions& o) {
  DecoderSpec decoder = decoder_of(o, "summary", "source");
  decoder.measure = OutputMeasure::rouge;
  decoder.pointer = o.pointer;
  decoder.coverage = o.coverage;
  decoder.coverage_from = o.coverage_from;
  Recipe r{.network = o.network, .head = decoder};
  r.fields = {
      {"source", TextSpec{.codec = codec_of(o.source, SummarizeOptions{}.source), .flags = "source-"}},
      {"summary",
       TextSpec{.codec = codec_of(o.summary, SummarizeOptions{}.summary), .marks = true, .flags = "summary-"}, true}};
  r.input = {TokensSpec{"source", o.embedding, o.embedding_dropout, o.vectors}};
  return r;
}

TaskHelp summarize_help() {
  TaskHelp help{
      "summarize", "token",
      "Train a writer of summaries, headlines, subjects: a short text that says what a long one does\n"
      "\n"
      "Records are lines of source<TAB>summary, or in another format (--format). The decoder looks at the source and\n"
      "can copy its words. Validation goes by ROUGE; recur eval also says what the first sentence and the best span "
      "of\n"
      "the source would reach. Prints one JSON object on standard output: best_loss (nats a token), best_rouge, "
      "epoch,\n"
      "steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train summarize --data mails.tsv --valid more.tsv --out subjects.safetensors --max-length 200\n"
      "  recur train summarize --data news.tsv --pointer=false --softmax sampled --summary-max-vocab 68000\n"
      "  recur predict subjects.safetensors --data new.txt --no-repeat 3"};
  help.training.batch = 32;
  return help;
}

}  // namespace recur
