// The task caption: one to many, what is read a picture.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, CaptionOptions& o) {
  list.group("Pictures");
  list.count("size", o.size, {1, 1'000'000}, "Of features: width of the linear layer that reads them");
  list.count("height", o.height, {1, 1024}, "Of pictures in files, which are scaled to it");
  list.count("width", o.width, {1, 1024}, "Of pictures in files");
  list.count("convolutions", o.convolutions, {1, 10}, "Of pictures in files: layers that see them");
  list.count("channels", o.channels, {1, 1024}, "Of the first of these; each has twice as many as the one before");
  list_options(list, o.text);
  list_options(list, o.network);
  list_embedding(list, o.embedding, o.embedding_dropout, "Width of the embedding of what was written");
  list_attention(list, o.attention, o.attention_size, {});
  list.group("Output");
  list.choice("measure", o.measure, "What validation goes by", {OutputMeasure::cider, OutputMeasure::loss});
  list.group("Regularisation");
  list.real("label-smoothing", o.label_smoothing, kShare, "Share of the target that all tokens have");
}

Recipe recipe(const CaptionOptions& o, InputKind kind) {
  const bool pictures = kind == InputKind::pictures;
  const char* input = pictures ? "image" : "vector";
  DecoderSpec decoder = decoder_of(o, "texts", "");
  decoder.measure = o.measure;
  decoder.input = input;
  RecurrentOptions none{.layers = 0, .dropout = o.network.dropout};
  Recipe r{.network = none, .head = decoder};
  TextSpec text{codec_of(o.text, CaptionOptions{}.text), true};
  text.several = true;
  if (pictures) {
    r.fields = {{input, ImageSpec{o.height, o.width, true}}, {"texts", text, true}};
    r.input = {ConvolutionsSpec{input, o.convolutions, o.channels}};
  } else {
    r.fields = {{input, NumbersSpec{.vectors = true}}, {"texts", text, true}};
    r.input = {NumbersInputSpec{.field = input, .size = o.size}};
  }
  return r;
}

TaskHelp caption_help() {
  return {"caption", "token",
          "Train a writer of captions: what there is to be seen in a picture\n"
          "\n"
          "Records are lines of JSON, {\"vector\": [0.5, 1, ..], \"texts\": [\"a dog\", ..]}: features that "
          "another network has\n"
          "made of a picture, or a list of them, one a place; or of path<TAB>caption, the path that of a picture (PNG, "
          "JPEG),\n"
          "which convolutions see that are trained along. Validation goes by CIDEr. Prints one JSON object on "
          "standard\n"
          "output: best_loss (nats a token), best_cider, epoch, steps, seconds, reason, model.",
          "Examples:\n"
          "  recur train caption --data train.jsonl --valid valid.jsonl --out captions.safetensors\n"
          "  recur train caption --data photos.tsv --attention additive\n"
          "  recur predict captions.safetensors --data new.jsonl --beam 5"};
}

}  // namespace recur
