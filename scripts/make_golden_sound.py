#!/usr/bin/env python3
"""Remakes tests/golden/sound.safetensors: features of a sound by their equations, in double, stored in float.

    python3 scripts/make_golden_sound.py [FOLDER]        (needs Python alone; default folder: tests/golden)

src/data/frames/features.h has the equations; here they are once more, as plainly as they can be: sums of cosines for the
spectrum, no table, no shortcut.
"""
import cmath
import json
import math
import struct
import sys
from pathlib import Path

RATE, FRAME, HOP = 8000, 200, 80  # samples a second; 25 ms; 10 ms
MELS, COEFFICIENTS = 20, 13


def sound():
    """A chirp with two overtones, a click, and silence at its end."""
    samples = []
    for n in range(1200):
        t = n / RATE
        phase = 2 * math.pi * (300 * t + 4000 * t * t)
        samples.append(0.5 * math.sin(phase) + 0.2 * math.sin(3 * phase + 1) + 0.05 * math.cos(7 * phase) + 0.01)
    samples[555] = 0.9
    samples += [0.0] * 300
    return [struct.unpack("f", struct.pack("f", x))[0] for x in samples]


def mel(frequency):
    return 1127 * math.log(1 + frequency / 700)


def power(frame, size):
    return [abs(sum(x * cmath.exp(-2j * math.pi * k * n / size) for n, x in enumerate(frame))) ** 2
            for k in range(size // 2 + 1)]


def log_energies(frame):
    mean = sum(frame) / len(frame)
    x = [v - mean for v in frame]
    x = [v - 0.97 * x[max(n - 1, 0)] for n, v in enumerate(x)]
    x = [v * (0.54 - 0.46 * math.cos(2 * math.pi * n / (FRAME - 1))) for n, v in enumerate(x)]
    size = 256
    powers = power(x, size)
    low, high = mel(20), mel(RATE / 2)
    step = (high - low) / (MELS + 1)
    energies = []
    for m in range(MELS):
        left, top, right = (low + step * (m + i) for i in range(3))
        total = 0
        for k in range(size // 2):
            at = mel(k * RATE / size)
            if left < at < right:
                total += powers[k] * ((at - left) / (top - left) if at <= top else (right - at) / (right - top))
        energies.append(math.log(max(total, 1e-10)))
    return energies


def cepstrum(energies):
    out = []
    for i in range(COEFFICIENTS):
        total = sum(e * math.cos(math.pi * i * (m + 0.5) / MELS) for m, e in enumerate(energies))
        out.append(total * math.sqrt((1 if i == 0 else 2) / MELS) * (1 + 11 * math.sin(math.pi * i / 22)))
    return out


def slopes(frames):
    at = lambda t: frames[min(max(t, 0), len(frames) - 1)]
    return [[sum(n * (at(t + n)[c] - at(t - n)[c]) for n in (1, 2)) / 10 for c in range(len(frames[0]))]
            for t in range(len(frames))]


def main():
    samples = sound()
    fbank = [log_energies(samples[t:t + FRAME]) for t in range(0, len(samples) - FRAME + 1, HOP)]
    mfcc = [cepstrum(frame) for frame in fbank]
    first = slopes(mfcc)
    second = slopes(first)
    whole = [a + b + c for a, b, c in zip(mfcc, first, second)]
    header, data = {"__metadata__": {"generated": json.dumps({})}}, b""
    for name, rows in (("samples", [samples]), ("fbank", fbank), ("mfcc_deltas", whole)):
        begin = len(data)
        data += b"".join(struct.pack("<f", x) for row in rows for x in row)
        shape = [len(rows), len(rows[0])]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "tests" / "golden")
    (folder / "sound.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


main()
