#!/usr/bin/env python3
"""Remakes tests/golden/texts.json: ROUGE, BLEU and CIDEr-D of texts by their definitions.

    python3 scripts/make_golden_texts.py [FOLDER]        (needs Python alone; default folder: tests/golden)

As plainly as they can be written, in fractions where they are fractions: ROUGE (Lin 2004) with the words and the ties of
the package rouge-score, BLEU (Papineni et al. 2002), and CIDEr-D (Vedantam et al. 2015) and ROUGE-L with the constants
of COCO's evaluation of captions. src/measures/rouge.h, bleu.h, cider.h and captions.h say what they are.
"""
import functools
import json
import math
import random
import sys
import unicodedata
from fractions import Fraction
from pathlib import Path


def rouge_words(text):
    return "".join(c.lower() if unicodedata.category(c)[0] in "LMN" else " " for c in text).split(" ")


def words_of(text):
    return [word for word in rouge_words(text) if word]


def ngrams(words, n):
    return [tuple(words[i:i + n]) for i in range(len(words) - n + 1)]


def in_both(a, b):
    """How many elements of list a find one of list b that is equal, and is then taken."""
    rest = list(b)
    count = 0
    for x in a:
        if x in rest:
            rest.remove(x)
            count += 1
    return count


def score(common, wanted, got):
    precision = Fraction(common, got) if got else Fraction(0)
    recall = Fraction(common, wanted) if wanted else Fraction(0)
    f1 = 2 * precision * recall / (precision + recall) if common else Fraction(0)
    return precision, recall, f1


def common_subsequence(a, b):
    """The places in a of the longest common subsequence, that of rouge-score where there are several: from the end on,
    equal words belong to it; else a word of b is left out where that alone keeps the length, else one of a."""
    @functools.lru_cache(None)
    def length(i, j):
        if i == 0 or j == 0:
            return 0
        if a[i - 1] == b[j - 1]:
            return length(i - 1, j - 1) + 1
        return max(length(i - 1, j), length(i, j - 1))

    def places(i, j):
        if i == 0 or j == 0:
            return []
        if a[i - 1] == b[j - 1]:
            return places(i - 1, j - 1) + [i - 1]
        return places(i, j - 1) if length(i, j - 1) > length(i - 1, j) else places(i - 1, j)

    return places(len(a), len(b))


def rouge_lsum(wanted, got):
    wanted, got = ([words_of(line) for line in text.split("\n")] for text in (wanted, got))
    rest_wanted, rest_got = sum(wanted, []), sum(got, [])
    words_wanted, words_got = len(rest_wanted), len(rest_got)
    common = 0
    for sentence in wanted:
        union = set().union(*(common_subsequence(sentence, other) for other in got))
        for i in sorted(union):
            if sentence[i] in rest_wanted and sentence[i] in rest_got:
                rest_wanted.remove(sentence[i])
                rest_got.remove(sentence[i])
                common += 1
    return score(common, words_wanted, words_got)


def rouge(wanted, got):
    a, b = words_of(wanted), words_of(got)
    return {
        "rouge_1": score(in_both(a, b), len(a), len(b)),
        "rouge_2": score(in_both(ngrams(a, 2), ngrams(b, 2)), len(ngrams(a, 2)), len(ngrams(b, 2))),
        "rouge_l": score(len(common_subsequence(a, b)), len(a), len(b)),
        "rouge_lsum": rouge_lsum(wanted, got),
    }


def best_rouge(references, got):
    """Of each kind the first with the highest F1."""
    all_scores = [rouge(wanted, got) for wanted in references]
    best = {kind: max((s[kind] for s in all_scores), key=lambda s: s[2]) for kind in all_scores[0]}
    return {kind: [float(x) for x in value] for kind, value in best.items()}


MARKS = ".,?!:;-'\"`(){}[]"
BRACKETS = ["-lrb-", "-rrb-", "-lcb-", "-rcb-", "-lsb-", "-rsb-"]


def caption_words(text):
    pieces = [piece.lower() for piece in text.split()]
    return [piece.strip(MARKS) for piece in pieces if piece.strip(MARKS) and piece not in BRACKETS]


def bleu(pictures, longest):
    matches, counts = [0] * longest, [0] * longest
    wanted_length = got_length = 0
    for references, caption in pictures:
        got_length += len(caption)
        wanted_length += sorted((abs(len(r) - len(caption)), len(r)) for r in references)[0][1]
        for n in range(1, longest + 1):
            grams = ngrams(caption, n)
            counts[n - 1] += len(grams)
            for gram in set(grams):
                most = max(ngrams(r, n).count(gram) for r in references)
                matches[n - 1] += min(grams.count(gram), most)
    if 0 in matches:
        return 0.0
    product = math.prod(Fraction(m, c) for m, c in zip(matches, counts))
    penalty = 1 if got_length > wanted_length else math.exp(1 - wanted_length / got_length)
    return 100 * penalty * float(product) ** (1 / longest)


def cider(pictures):
    """Of each picture."""
    def weights(words, n):
        grams = ngrams(words, n)
        result = {}
        for gram in set(grams):
            with_it = sum(any(gram in ngrams(r, n) for r in references) for references, _ in pictures)
            result[gram] = grams.count(gram) * math.log(len(pictures) / max(1, with_it))
        return result

    def norm(vector):
        return math.sqrt(math.fsum(w * w for w in vector.values()))

    scores = []
    for references, caption in pictures:
        values = []
        for n in range(1, 5):
            g_c = weights(caption, n)
            for reference in references:
                g_s = weights(reference, n)
                product = math.fsum(min(w, g_s[gram]) * g_s[gram] for gram, w in g_c.items() if gram in g_s)
                norms = norm(g_c) * norm(g_s)
                pairs = len(ngrams(caption, 2)) - len(ngrams(reference, 2))
                values.append(math.exp(-pairs * pairs / (2 * 6.0**2)) * product / norms if norms else 0.0)
        scores.append(10 * math.fsum(values) / (4 * len(references)))
    return scores


def coco_rouge_l(references, caption):
    lengths = [(len(common_subsequence(r, caption)), len(r)) for r in references]
    recall = max(length / words for length, words in lengths) if lengths else 0
    precision = max(length for length, _ in lengths) / len(caption) if caption else 0
    return (1 + 1.44) * precision * recall / (recall + 1.44 * precision) if precision else 0.0


def captions(name, pictures):
    cut = [([caption_words(r) for r in references], caption_words(caption)) for references, caption in pictures]
    return {
        "name": name,
        "pictures": [{"references": r, "caption": c} for r, c in pictures],
        "bleu": [bleu(cut, n) for n in range(1, 5)],
        "cider": cider(cut),
        "rouge_l": 100 * math.fsum(coco_rouge_l(r, c) for r, c in cut) / len(cut),
    }


ROUGE_CASES = [
    (["testing one two"], "testing"),
    (["testing one two"], "testing two"),
    (["testing one two"], "two testing"),
    (["w1 w2 w3 w4 w5"], "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5"),
    (["the cat sat on the mat"], ""),
    ([""], "the cat"),
    ([""], ""),
    (["..."], "!?"),
    (["police killed the gunman"], "police kill the gunman"),
    (["police killed the gunman"], "the gunman kill police"),
    (["a a a b"], "a a a a a"),
    (["a b a b a b"], "b a b a"),
    (["Don't PANIC: it's 42.5 %!"], "don t panic its 42 5"),
    (["first sentence here\nsecond one there"], "second one there\nfirst sentence"),
    (["first sentence here\n\nsecond one there\n"], "there is one\nsentence second"),
    (["a b c d", "a x c y", "q"], "a c y z"),
    (["x y", "x z"], "x"),
    (["the cat is on the mat", "there is a cat on the mat", "a cat", "mat", "the the the"], "the the cat on mat"),
    (["Çok güzel bir gün", "Η γάτα"], "çok GÜZEL η ΓΆΤΑ"),
    (["देश की राजधानी"], "राजधानी देश की"),
]

FIVE = [
    (["A man rides a brown horse .", "A man on a horse", "a cowboy riding his horse .", "Man rides horse .",
      "The man is riding a horse on the beach ."], "a man riding a horse ."),
    (["Two dogs play in the snow .", "two dogs are playing", "Dogs run through deep snow", "A pair of dogs in snow",
      "Two brown dogs play together ."], "Two dogs, in the snow!"),
    (["A child on a red slide .", "a little girl slides down", "child sliding down a slide", "Girl on the slide",
      "A kid plays at the playground"], "a a a a slide slide ."),
    (["People wait at the station .", "a crowd -LRB- waiting -RRB- for a train", "Commuters on a platform",
      "Train station with people", "Some people wait ."], ""),
    (["A dog's ball -- it is red", "the ball of a dog", "A red ball .", "Ball", "one red ball in the grass"],
     "a red ball in the grass"),
]


def random_text(source, vocabulary, most):
    return " ".join(source.choice(vocabulary) for _ in range(source.randint(0, most)))


def random_rouge(source):
    def text():
        return "\n".join(random_text(source, "abcd", 6) for _ in range(source.randint(1, 4)))
    return [text() for _ in range(source.choice([1, 1, 3]))], text()


def random_captions(source, pictures):
    vocabulary = ["a", "dog", "cat", "runs", "red", "on", "the", "grass"]
    result = []
    for _ in range(pictures):
        references = [random_text(source, vocabulary, 10) + " a" for _ in range(source.randint(1, 5))]
        result.append((references, random_text(source, vocabulary, 12)))
    return result


def main():
    source = random.Random(7)
    rouge_cases = ROUGE_CASES + [random_rouge(source) for _ in range(40)]
    one = [(references[:1], caption) for references, caption in FIVE]
    ties = [(["a b", "a b c d"], "a b c"), (["x y z w", "x y"], "x y q"), (["p q r s t"], "p q r s t")]
    golden = {
        "rouge": [{"wanted": w, "got": g, "scores": best_rouge(w, g)} for w, g in rouge_cases],
        "captions": [captions("five references", FIVE), captions("one reference", one), captions("ties", ties),
                     captions("all alike", [(["a dog"], "a dog"), (["a dog"], "a dog runs")]),
                     captions("random", random_captions(source, 12))],
    }
    here = Path(__file__).resolve().parent
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "tests" / "golden"
    text = json.dumps(golden, ensure_ascii=False, indent=1)
    (folder / "texts.json").write_text(text + "\n", encoding="utf-8")


main()
