// The task transcribe: many to many, of unequal lengths, what is read no text.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, TranscribeOptions& o) {
  list_sequence(list, o);
  list.group("Output");
  list.choice("output", o.output, "What writes the text: ctc, a transducer, or a decoder that looks at what was read");
  list.count("embedding", o.embedding, {0, 1'000'000},
             "transducer, attention: width of the embedding of what was written; transducer, 0: one-hot");
  list.count("joint", o.joint, {1, 1'000'000}, "transducer: width of the layer where both networks meet");
  list_attention(list, o.attention, o.attention_size, {Attention::additive, Attention::dot, Attention::general});
  list_decoder_regularisation(list, o.label_smoothing, o.scheduled_sampling);
  list.need("embedding", {"output", {"transducer", "attention"}});
  list.need("joint", {"output", {"transducer"}});
  for (const char* name : {"attention", "attention-size", "label-smoothing", "scheduled-sampling"}) {
    list.need(name, {"output", {"attention"}});
  }
}

Recipe recipe(const TranscribeOptions& o, InputKind kind) {
  const bool decodes = o.output == TranscriptOutput::attention;
  RecurrentOptions writer = o.network;
  writer.layers = 1;
  writer.every = 1;
  Recipe r{.network = o.network, .head = CtcSpec{"text"}};
  if (o.output == TranscriptOutput::transducer) r.head = TransducerSpec{"text", writer, o.embedding, o.joint};
  if (decodes) {
    DecoderSpec decoder = decoder_of(o, "text", "");
    decoder.network = writer;
    decoder.measure = OutputMeasure::wer;
    r.head = decoder;
  }
  add_frames(r, o, kind == InputKind::pictures);
  r.fields.push_back({"text", TextSpec{o.text, decodes}, true});
  return r;
}

TaskHelp transcribe_help() {
  return {"transcribe", "record",
          "Train a recogniser: it hears speech, or sees a line of text, and writes the text\n"
          "\n"
          "Records are lines of path<TAB>text, the path that of a sound, of features, or of a picture of a line (PNG, "
          "JPEG);\n"
          "or of JSON: {\"audio\": [[0.5, 1], [0.25, 2]], \"text\": \"yes\"}, {\"image\": \"line.png\", \"text\": "
          "\"yes\"}; or\n"
          "in another format (--format). A model reads sounds and features, or pictures. Validation goes by\n"
          "the word error rate of the most probable path; recur eval searches with a beam. Prints one JSON object on\n"
          "standard output: best_loss (nats a record, or with --output attention a token), best_wer, epoch, steps,\n"
          "seconds, reason, model.",
          "Examples:\n"
          "  recur train transcribe --data train.tsv --valid valid.tsv --out speech.safetensors\n"
          "  recur train transcribe --data train.jsonl --output transducer\n"
          "  recur train transcribe --data lines.tsv --height 32 --stack 2 --layers 1 --hidden 100\n"
          "  recur predict speech.safetensors --data new.tsv --beam 20 --lm words.safetensors --insertion-bonus 1"};
}

}  // namespace recur
