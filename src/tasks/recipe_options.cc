#include "tasks/recipe_options.h"

namespace recur {

void list_attention(OptionList& list, Attention& kind, std::size_t& size, std::vector<Attention> of) {
  list.group("Network");
  list.choice("attention", kind, "How the decoder looks at what was read", std::move(of));
  list.count("attention-size", size, {0, 1'000'000}, "additive: its width; 0: as --hidden");
  list.need("attention-size", {"attention", {"additive"}});
}

void list_decoder_regularisation(OptionList& list, float& label_smoothing, float& scheduled_sampling) {
  list.group("Regularisation");
  list.real("label-smoothing", label_smoothing, kShare, "Share of the target that all tokens have");
  list.real("scheduled-sampling", scheduled_sampling, kFraction,
            "Share of the decoder's inputs that are its own predictions, from the fifth epoch on");
}

void list_vectors(OptionList& list, std::string& file) {
  list.group("Start");
  list.text("embeddings", file, "FILE",
            "Word vectors to start from, of recur train embed, word2vec, GloVe or fastText (.vec)");
}

void list_softmax(OptionList& list, Softmax& kind, std::size_t& samples, std::vector<Softmax> of) {
  list.group("Output");
  list.choice("softmax", kind, "Over the vocabulary; the others than full are for large ones", std::move(of));
  list.count("samples", samples, {1, 10'000'000}, "sampled: tokens that are drawn for each batch");
  list.need("samples", {"softmax", {"sampled"}});
}

void list_format(OptionList& list, DataLayout& layout) {
  list.group("Files");
  list.choice("format", layout.format, "Of the data; auto: by the ending of its name, or by what it looks like");
}

void list_options(OptionList& list, DataLayout& layout) {
  list_format(list, layout);
  list.text("columns", layout.columns, "COLUMNS", "Where the data has what: text=review,label=stars, or text=3");
}

void list_forecast_options(OptionList& list, PredictOptions& o) {
  list.group("Forecast");
  list.count("samples", o.samples, {1, 100'000}, "Numbers, or ways on, that are drawn from each distribution");
  list.count("seed", o.seed, {}, "Of what is drawn, by --sample, too");
}

void list_options(OptionList& list, DecodeOptions& o) {
  // Tokens to a larger power overflow.
  constexpr Reals kWeight = {"a number from 0 to 1000", [](double x) { return x >= 0 && x <= 1000; }};
  constexpr Reals kBonus = {"a number from -1000 to 1000", [](double x) { return x >= -1000 && x <= 1000; }};
  constexpr Reals kPenalty = {"a number from 0 to 50", [](double x) { return x >= 0 && x <= 50; }};
  list.group(kSearchGroup);
  list.count("beam", o.beam, {1, 1000}, "Beginnings of an output that are followed at once; 1: greedy");
  list.count("n-best", o.n_best, {1, 1000},
             "So many outputs a source, lines of number<TAB>score<TAB>output; so many sequences of tags");
  list.group(kDecoderGroup);
  list.real("length-penalty", o.length_penalty, kPenalty, "Outputs are compared by log probability / tokens^X");
  list.count("max-output", o.max_output, {0, 1'000'000},
             "Tokens of an output at most; 0: as many as the training data has, and more");
  list.count("min-output", o.min_output, {0, 1'000'000}, "Tokens of an output before it ends, at least");
  list.count("no-repeat", o.no_repeat, {0, 1'000'000}, "No run of so many tokens stands in an output twice; 0: any");
  list.real(
      "coverage-penalty", o.coverage_penalty, kPenalty,
      "Outputs that leave out some of the source lose: X * the sum of log(min(1, how much they looked at a token))");
  list.texts("contain", o.contain, "WORDS", "Outputs must have this; may be given several times");
  list.group(kSampleGroup);
  list.flag("sample", o.sample, "Draw --n-best outputs from the model's probabilities instead of searching");
  list.real("temperature", o.sampling.temperature, kNotNegative,
            "Below 1 plays safe, above 1 takes risks; 0 takes the most likely token");
  list.count("top-k", o.sampling.top_k, {}, "Only of the N most likely tokens; 0: of all");
  list.real("top-p", o.sampling.top_p, kProbability, "Only of the most likely that together have this probability");
  list.real("min-p", o.sampling.min_p, kFraction, "Only of those at least so likely, as a share of the most likely");
  list.group(kStepsGroup);
  list.text("lm", o.language_model, "MODEL", "A language model of characters or words whose probability counts, too");
  list.real("lm-weight", o.lm_weight, kWeight, "Its log probability is multiplied with X");
  list.need("lm-weight", {"lm"});
  list.real("insertion-bonus", o.insertion_bonus, kBonus, "X is added to the score for each word");
  list.text("lexicon", o.lexicon, "FILE", "Only words that a line of it begins with are written");
}

}  // namespace recur
