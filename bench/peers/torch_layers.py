#!/usr/bin/python3
"""PyTorch's recurrent layers: torch_layers.py THREADS SCALE train|infer|stream|ragged, as torch_measure.py says."""

import sys

import torch
from torch.nn.utils.rnn import pack_padded_sequence

from torch_measure import measure, report

THREADS, SCALE, KIND = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
LAYERS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
CELLS = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
GRID = [(128, 32, 50, 1), (256, 64, 64, 2), (512, 64, 64, 2), (1024, 64, 64, 1), (64, 256, 100, 1)]


def operations(cell, hidden, layers, tokens):
    """Of the matrix products, forward."""
    return 4.0 * GATES[cell] * hidden * hidden * layers * tokens


def report_run(case, times, count):
    median, least = times
    metrics = {"ms_med": median * 1e3, "ms_min": least * 1e3, "GF/s_med": count / median * 1e-9}
    report(case, THREADS, metrics)


def report_steps(case, times, steps):
    median, least = times
    report(case, THREADS, {"us_med": median * 1e6 / steps, "us_min": least * 1e6 / steps})


def training(network, x, gradient, output):
    """A run of forward and backward to the gradients of weights and input; output(y) is what `gradient` belongs to."""
    leaf = x.data if isinstance(x, torch.nn.utils.rnn.PackedSequence) else x

    def run():
        network.zero_grad(set_to_none=True)
        leaf.grad = None
        output(network(x)[0]).backward(gradient)

    return run


def layers():
    for hidden, batch, steps, count in GRID:
        for cell, kind in LAYERS.items():
            network = kind(hidden, hidden, count)
            x = torch.randn(steps, batch, hidden)
            case = f"{KIND}_{cell}_H{hidden}_B{batch}_T{steps}_L{count}"
            forward = operations(cell, hidden, count, batch * steps)
            if KIND == "train":
                x.requires_grad_(True)
                run = training(network, x, torch.randn(steps, batch, hidden), lambda y: y)
                report_run(case, measure(run, 1.0 * SCALE), 3 * forward)
            else:
                with torch.inference_mode():
                    report_run(case, measure(lambda: network(x), 0.6 * SCALE), forward)


def ragged():
    """The sequences of recur bench: lengths from 100 to 10 in even distances, and a rectangle of as many tokens."""
    batch, shortest, longest = 64, 10, 100
    lengths = [longest - ((longest - shortest) * i * 2 + batch - 1) // (2 * (batch - 1)) for i in range(batch)]
    tokens = sum(lengths)
    for hidden in 128, 256:
        network = torch.nn.LSTM(hidden, hidden)
        forward = operations("lstm", hidden, 1, tokens)
        # Packing is not counted.
        packed = pack_padded_sequence(torch.randn(longest, batch, hidden), lengths, enforce_sorted=True)
        packed = packed._replace(data=packed.data.detach().requires_grad_(True))
        run = training(network, packed, torch.randn(tokens, hidden), lambda y: y.data)
        report_run(f"ragged_lstm_H{hidden}_B{batch}_L1", measure(run, 1.0 * SCALE), 3 * forward)
        x = torch.randn(tokens // batch, batch, hidden, requires_grad=True)
        run = training(network, x, torch.randn(tokens // batch, batch, hidden), lambda y: y)
        report_run(f"rectangle_lstm_H{hidden}_B{batch}_L1", measure(run, 1.0 * SCALE), 3 * forward)


def step_of_layers(cell, hidden, count):
    network = LAYERS[cell](hidden, hidden, count)
    x = torch.randn(1, 1, hidden)
    h = torch.zeros(count, 1, hidden)
    state = (h, torch.zeros(count, 1, hidden)) if cell == "lstm" else h

    def run():
        nonlocal state
        _, state = network(x, state)

    return run


def step_of_cells(cell, hidden, count):
    cells = [CELLS[cell](hidden, hidden) for _ in range(count)]
    x = torch.randn(1, hidden)
    h = torch.zeros(1, hidden)
    states = [(h, torch.zeros(1, hidden)) if cell == "lstm" else h] * count

    def run():
        y = x
        for i in range(count):
            states[i] = cells[i](y, states[i])
            y = states[i][0] if cell == "lstm" else states[i]

    return run


def stream():
    """A step a call: of the layers or of PyTorch's cells, whichever is faster."""
    for cell in CELLS:
        for count in 1, 2:
            for hidden in 32, 64, 128, 256, 512, 1024:
                runs = [step(cell, hidden, count) for step in (step_of_layers, step_of_cells)]
                times = min(measure(run, 0.15 * SCALE, together=50) for run in runs)
                report_steps(f"stream_{cell}_H{hidden}_B1_T1_L{count}", times, 1)
                if count == 1:
                    network = LAYERS[cell](hidden, hidden)
                    x = torch.randn(1000, 1, hidden)
                    times = measure(lambda: network(x), 0.3 * SCALE)
                    report_steps(f"stream_{cell}_H{hidden}_B1_T1000_L1", times, 1000)


print("# PyTorch", torch.__version__)
torch.set_num_threads(THREADS)
torch.manual_seed(0)
if KIND == "stream":
    with torch.inference_mode():
        stream()
elif KIND == "ragged":
    ragged()
else:
    layers()
