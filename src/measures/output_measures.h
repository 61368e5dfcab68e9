// How good texts are that a model wrote: by what the decoder's measure says.
#pragma once

#include "measures/measures.h"

namespace recur {

// bleu, exact, loss: BLEU, chrF, the share that is exactly right, and errors in tokens, as OutputScores has them.
// rouge: of summaries, in percent: RougeScores' F1 rouge_1, rouge_2, rouge_l, rouge_lsum, and rouge_1_recall,
//   rouge_2_recall, rouge_l_recall; and of what nobody wrote, first_sentence and best_span of the sources, rouge_1,
//   rouge_2, rouge_l. What decides, "rouge", is the mean of these three. Of several summaries of one source, for each
//   figure, the one counts that gives the highest F1.
// cider: of captions: bleu_1 to bleu_4 and rouge_l from 0 to 100, cider from 0 to 10 (null of a single picture, which
//   says nothing of how rare words are); and CaptionScores' constant. So are those of whatever is no text measured
//   where bleu, which then is bleu_4, or the loss decides.
// wer: ErrorRates.
// Records with the same input, a text or numbers, are about the same thing and their texts several answers; but for
// wer, and but for bleu and loss of texts, where each record counts.
std::unique_ptr<Measures> make_output_measures(const DecoderSpec& spec, const Fields& fields);

// Of texts of what is no text itself: ErrorRates.
std::unique_ptr<Measures> make_error_measures();

}  // namespace recur
