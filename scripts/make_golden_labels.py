#!/usr/bin/env python3
"""Remakes tests/golden/labels.json: measures of sets of labels and of calibration, by their definitions.

    python3 scripts/make_golden_labels.py [FOLDER]       (needs Python alone; default folder: tests/golden)

As plainly as they can be written, in fractions: what scikit-learn's user guide defines as f1_score, precision_score and
recall_score with average="micro", "macro" and "samples" and zero_division=0, accuracy_score, hamming_loss,
coverage_error, label_ranking_average_precision_score and label_ranking_loss; and the expected calibration error of Guo
et al. (2017) in 15 bins of equal width. Probabilities are multiples of 1/16, so that many are equal.
"""
import json
import random
import sys
from fractions import Fraction
from pathlib import Path


def ratio(part, whole):
    return Fraction(part, whole) if whole else Fraction(0)


def rates(true, chosen):
    """Of two lists of 0 and 1: precision, recall, F1."""
    both = sum(t & c for t, c in zip(true, chosen))
    return ratio(both, sum(chosen)), ratio(both, sum(true)), ratio(2 * both, sum(true) + sum(chosen))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def coverage(true, scores):
    least = min((s for t, s in zip(true, scores) if t), default=None)
    return Fraction(0 if least is None else sum(s >= least for s in scores))


def average_precision(true, scores):
    of = [s for t, s in zip(true, scores) if t]
    if len(of) in (0, len(true)):
        return Fraction(1)
    return mean(Fraction(sum(other >= s for other in of), sum(other >= s for other in scores)) for s in of)


def ranking_loss(true, scores):
    of, others = [s for t, s in zip(true, scores) if t], [s for t, s in zip(true, scores) if not t]
    if not of or not others:
        return Fraction(0)
    return Fraction(sum(s <= other for s in of for other in others), len(of) * len(others))


def measures(true, chosen, scores):
    columns = [rates(t, c) for t, c in zip(zip(*true), zip(*chosen))]
    samples = [rates(t, c) for t, c in zip(true, chosen)]
    of = {}
    for name, values in (
        ("micro", rates(sum(true, []), sum(chosen, []))),
        ("macro", [mean(column) for column in zip(*columns)]),
        ("sample", [mean(column) for column in zip(*samples)]),
    ):
        of[name + "_precision"], of[name + "_recall"], of[name + "_f1"] = values
    of["subset_accuracy"] = mean(Fraction(t == c) for t, c in zip(true, chosen))
    of["hamming_loss"] = mean(Fraction(a != b) for t, c in zip(true, chosen) for a, b in zip(t, c))
    of["coverage_error"] = mean(map(coverage, true, scores))
    of["ranking_average_precision"] = mean(map(average_precision, true, scores))
    of["ranking_loss"] = mean(map(ranking_loss, true, scores))
    return {name: float(value) for name, value in of.items()}


def calibration_error(probabilities, right):
    error = Fraction(0)
    for m in range(15):
        low, high = Fraction(m, 15), Fraction(m + 1, 15)
        of = [i for i, p in enumerate(probabilities) if low <= p < high or (m == 14 and p == 1)]
        if of:
            error += Fraction(len(of), len(right)) * abs(
                mean(Fraction(right[i]) for i in of) - mean(probabilities[i] for i in of)
            )
    return float(error)


def main():
    draw = random.Random(7)
    sets, calibrations = [], []
    for labels, records, share in ((1, 1, 0.5), (2, 3, 0.5), (3, 8, 0.3), (5, 12, 0.4), (7, 6, 0.05), (4, 9, 0.9)):
        true = [[int(draw.random() < share) for _ in range(labels)] for _ in range(records)]
        true[0] = [0] * labels
        true[-1] = [1] * labels
        scores = [[Fraction(draw.randint(0, 16), 16) for _ in range(labels)] for _ in range(records)]
        chosen = [[int(s > Fraction(1, 2)) for s in row] for row in scores]
        sets.append({
            "true": true,
            "chosen": chosen,
            "scores": [[float(s) for s in row] for row in scores],
            "measures": measures(true, chosen, scores),
        })
    for count in (1, 5, 40, 300):
        probabilities = [Fraction(draw.randint(0, 16), 16) for _ in range(count)]
        right = [int(draw.random() < p * p) for p in probabilities]
        calibrations.append({
            "probabilities": [float(p) for p in probabilities],
            "right": right,
            "error": calibration_error(probabilities, right),
        })
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "tests/golden")
    (folder / "labels.json").write_text(json.dumps({"sets": sets, "calibration": calibrations}, indent=None) + "\n")


if __name__ == "__main__":
    main()
