#!/usr/bin/env python3
"""Remakes the golden files of tests/golden, but zoo_* and onnx_*: what PyTorch computes in double, stored in float.

    /usr/bin/python3 scripts/make_golden.py [FOLDER]        (needs PyTorch 1.13; default folder: tests/golden)

Parameters and inputs come from a formula and are not stored; tests/golden/README.md describes the files.
"""
import itertools
import json
import math

import torch
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from golden import RAGGED, Golden, hash24, rows_of, weight_scale, write_all

RNNS = {"elman": torch.nn.RNN, "elman_relu": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU,
        "lstm-projection": torch.nn.LSTM}
SIZES = [(1, 1), (3, 17), (17, 3), (64, 65), (65, 64), (1, 65), (64, 1)]  # (input, hidden)
PROJECTED_SIZES = [(1, 3, 1), (3, 17, 5), (65, 64, 33)]  # (input, hidden, projection)
BATCHES = {"ragged": RAGGED, "rectangle": [6, 6, 6, 6]}  # sequence lengths, longest first


def load_by_formula(golden, module, prefix=""):
    """Fills every parameter by formula; a bias takes the scale of its layer's width."""
    for name, parameter in module.named_parameters(prefix):
        fan_in = parameter.shape[1] if parameter.dim() == 2 else getattr(module, "hidden_size", parameter.shape[0])
        parameter.data = golden.formula(name, tuple(parameter.shape), weight_scale(fan_in))


def smallest_relu_argument(net, rows, x, h0):
    """How near any unit comes to the kink of its ReLU, where float and double may disagree about the gradient."""
    suffixes = ["", "_reverse"] if net.bidirectional else [""]
    starts = [sum(rows[:t]) for t in range(len(rows))]
    smallest = math.inf
    for layer in range(net.num_layers):
        outputs = []
        for direction, suffix in enumerate(suffixes):
            w_ih, w_hh, b_ih, b_hh = (
                getattr(net, f"{kind}_l{layer}{suffix}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            h = h0[layer * len(suffixes) + direction].clone()
            output = torch.zeros(len(x), net.hidden_size, dtype=torch.float64)
            for t in reversed(range(len(rows))) if suffix else range(len(rows)):
                step = slice(starts[t], starts[t] + rows[t])
                z = x[step] @ w_ih.T + b_ih + h[: rows[t]] @ w_hh.T + b_hh
                smallest = min(smallest, z.abs().min().item())
                h[: rows[t]] = z.relu()
                output[step] = z.relu()
            outputs.append(output)
        x = torch.cat(outputs, 1)
    return smallest


def recurrent(cell, layers, input_size, hidden, lengths, bidirectional, name, projection=0):
    """Values and gradients of one stack; tries seeds until ReLU units are neither all dead nor at the kink."""
    for attempt in itertools.count():
        golden = Golden(name, attempt, cell=cell, layers=str(layers), input=str(input_size), hidden=str(hidden),
                        bidirectional=str(int(bidirectional)))
        options = {"nonlinearity": "relu"} if cell == "elman_relu" else {}
        if projection:
            options["proj_size"] = projection
            golden.metadata["projection"] = str(projection)
        net = RNNS[cell](input_size, hidden, layers, bidirectional=bidirectional, **options).double()
        load_by_formula(golden, net)
        directions = 2 if bidirectional else 1
        rows, width = rows_of(lengths), projection or hidden
        total, batch = sum(rows), (layers * directions, len(lengths))

        x = golden.formula("x", (total, input_size), 1.0).requires_grad_()
        is_lstm = RNNS[cell] is torch.nn.LSTM
        states = {"h0": golden.formula("h0", (*batch, width), 1.0).requires_grad_()}
        if is_lstm:
            states["c0"] = golden.formula("c0", (*batch, hidden), 1.0).requires_grad_()
        packed = PackedSequence(x, torch.tensor(rows))
        y, last = net(packed, tuple(states.values()) if is_lstm else states["h0"])
        last = dict(zip(("h", "c"), last if is_lstm else (last,)))

        loss = (golden.formula("w_y", (total, directions * width), 1.0) * y.data).sum()
        for state, value in last.items():
            loss = loss + (golden.formula(f"w_{state}", tuple(value.shape), 1.0) * value).sum()
        loss.backward()

        golden.store("rows", rows)
        golden.store("y", y.data)
        for state, value in last.items():
            golden.store(f"{state}_n", value)
            golden.store_gradient(f"grad_{state}0", states[f"{state}0"].grad)
        golden.store_gradient("grad_x", x.grad)
        for parameter_name, parameter in net.named_parameters():
            golden.store_gradient(f"grad.{parameter_name}", parameter.grad)

        alive = all(value.any() for value in golden.stored.values())
        with torch.no_grad():
            if alive and (cell != "elman_relu" or smallest_relu_argument(net, rows, x, states["h0"]) > 5e-5):
                return golden


def recurrent_goldens():
    for cell in ("elman", "elman_relu", "lstm", "gru"):
        for layers, (input_size, hidden) in itertools.product((1, 3), SIZES):
            shapes = BATCHES if (input_size, hidden) in ((3, 17), (65, 64)) else ("ragged",)
            for batch in shapes:
                name = f"{cell}_l{layers}_i{input_size}_h{hidden}_{batch}"
                yield recurrent(cell, layers, input_size, hidden, BATCHES[batch], False, name)
        for layers in (1, 2):
            name = f"{cell}_bidirectional_l{layers}_i3_h17_ragged"
            yield recurrent(cell, layers, 3, 17, BATCHES["ragged"], True, name)
    for layers, bidirectional in itertools.product((1, 2), (False, True)):
        for input_size, hidden, projection in PROJECTED_SIZES:
            stack = f"{'bidirectional_' if bidirectional else ''}l{layers}"
            name = f"lstm-projection_{stack}_i{input_size}_h{hidden}_p{projection}_ragged"
            yield recurrent("lstm-projection", layers, input_size, hidden, BATCHES["ragged"], bidirectional, name,
                            projection)


def cross_entropy():
    """Mean softmax cross-entropy of 4 rows; "large" has logits whose exponential overflows a float."""
    golden = Golden("cross_entropy")
    for case, width, scale in (("v1", 1, 4.0), ("v3", 3, 4.0), ("v65", 65, 4.0), ("v1000", 1000, 8.0),
                               ("v65_large", 65, 256.0)):
        logits = golden.formula(f"logits_{case}", (4, width), scale).requires_grad_()
        targets = torch.from_numpy(hash24(golden.seed(f"targets_{case}"), 4) % width)
        loss = functional.cross_entropy(logits, targets)
        loss.backward()
        golden.store(f"targets_{case}", targets)
        golden.store(f"loss_{case}", loss.reshape(1))
        golden.store_gradient(f"grad_{case}", logits.grad)
    return golden


def ctc():
    """ctc_loss of each sequence and the gradient of their sum by the logits, in the order of a packed batch; blank 0."""
    golden = Golden("ctc")
    for case, outputs, frames, lengths, tokens, scale in (
        ("plain", 7, [30, 21, 21, 9, 1], [8, 5, 0, 3, 1], 6, 2.0),
        ("repeats", 4, [40, 17, 12], [9, 8, 5], 2, 1.0),  # often the same token twice
        ("tight", 20, [19, 18, 5], [19, 17, 5], 19, 4.0),  # hardly a frame more than the tokens
        ("large", 6, [25, 24], [6, 9], 5, 64.0),
    ):
        rows = rows_of(frames)
        logits = golden.formula(f"logits_{case}", (sum(rows), outputs), scale).requires_grad_()
        targets = torch.from_numpy(hash24(golden.seed(f"targets_{case}"), sum(lengths)) % tokens + 1)
        if case == "tight":  # no token stands beside itself, where there is no frame for a blank
            targets = torch.tensor([1 + 7 * i % tokens for i in range(sum(lengths))])
        padded, _ = torch.nn.utils.rnn.pad_packed_sequence(PackedSequence(logits, torch.tensor(rows)))
        losses = functional.ctc_loss(padded.log_softmax(2), targets, torch.tensor(frames), torch.tensor(lengths),
                                     reduction="none")
        losses.sum().backward()
        for name, values in (("frames", frames), ("lengths", lengths), ("outputs", [outputs])):
            golden.store(f"{name}_{case}", torch.tensor(values))
        golden.store(f"targets_{case}", targets)
        golden.store(f"losses_{case}", losses)
        golden.store_gradient(f"grad_{case}", logits.grad)
    return golden


def transducer():
    """Graves' (2012) loss of each sequence, by its recursion for alpha, and the gradients of their sum; the last output
    is the blank. Rows are in the order of packed batches, those of `read` of one whose longest targets come first."""
    steps, lengths, joint, outputs = [12, 9, 9, 4, 1], [5, 8, 0, 6, 2], 7, 6
    order = sorted(range(len(steps)), key=lambda i: -lengths[i])
    rows, read_rows = rows_of(steps), rows_of([lengths[i] + 1 for i in order])
    golden = Golden("transducer")
    encoded, read, weight, bias = arrays = [
        golden.formula(name, shape, scale).requires_grad_()
        for name, shape, scale in (("encoded", (sum(rows), joint), 1.0), ("read", (sum(read_rows), joint), 1.0),
                                   ("weight", (outputs, joint), 2.0), ("bias", (outputs,), 1.0))
    ]
    targets = torch.from_numpy(hash24(golden.seed("targets"), sum(lengths)) % (outputs - 1))
    losses = []
    for i, (frames, length) in enumerate(zip(steps, lengths)):
        own = targets[sum(lengths[:i]) : sum(lengths[: i + 1])]
        x = torch.stack([encoded[sum(rows[:t]) + i] for t in range(frames)])
        y = torch.stack([read[sum(read_rows[:u]) + order.index(i)] for u in range(length + 1)])
        log_p = (torch.tanh(x[:, None] + y[None]) @ weight.T + bias).log_softmax(2)
        alpha = {(0, 0): torch.zeros((), dtype=torch.float64)}
        for t, u in itertools.product(range(frames), range(length + 1)):
            ways = [alpha[t - 1, u] + log_p[t - 1, u, -1]] if t > 0 else []
            ways += [alpha[t, u - 1] + log_p[t, u - 1, own[u - 1]]] if u > 0 else []
            if ways:
                alpha[t, u] = torch.logsumexp(torch.stack(ways), 0)
        losses.append(-(alpha[frames - 1, length] + log_p[frames - 1, length, -1]))
    losses = torch.stack(losses)
    losses.sum().backward()
    golden.store("steps", torch.tensor(steps))
    golden.store("targets_length", torch.tensor(lengths))
    golden.store("targets", targets)
    golden.store("losses", losses.detach())
    for name, array in zip(("encoded", "read", "weight", "bias"), arrays):
        golden.store_gradient(f"grad_{name}", array.grad)
    return golden


def optimizers():
    """The parameter after each of 5 steps; metadata "options" says with which options."""
    choices = {
        "sgd": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
        "rmsprop": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.95, "eps": 1e-8}),
        "adagrad": (torch.optim.Adagrad, {"lr": 0.1, "eps": 1e-10}),
        "adam": (torch.optim.Adam, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}),
        "adamw": (torch.optim.AdamW, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}),
    }
    golden = Golden("optimizers", options=json.dumps({name: options for name, (_, options) in choices.items()}))
    start = golden.formula("parameter", (7,), 1.0)
    gradients = golden.formula("gradients", (5, 7), 1.0)
    for name, (kind, options) in choices.items():
        parameter = torch.nn.Parameter(start.clone())
        optimizer, after = kind([parameter], **options), []
        for gradient in gradients:
            parameter.grad = gradient.clone()
            optimizer.step()
            after.append(parameter.detach().clone())
        golden.store(name, torch.stack(after))
    return golden


def language_model():
    """5 SGD steps of a small language model over windows of one stream, the state carried and detached between them."""
    vocabulary, embedding_size, hidden, layers, batch, window, steps, rate = 11, 5, 7, 2, 3, 4, 5, 0.5
    golden = Golden("language_model", vocabulary=str(vocabulary), embedding=str(embedding_size), hidden=str(hidden),
                    layers=str(layers), window=str(window), learning_rate=str(rate))
    embedding = torch.nn.Embedding(vocabulary, embedding_size).double()
    lstm = torch.nn.LSTM(embedding_size, hidden, layers, batch_first=True).double()
    linear = torch.nn.Linear(hidden, vocabulary).double()
    for prefix, module in (("embedding", embedding), ("lstm", lstm), ("linear", linear)):
        load_by_formula(golden, module, prefix)
    tokens = hash24(golden.seed("tokens"), batch * (steps * window + 1)) % vocabulary
    tokens = torch.from_numpy(tokens.reshape(batch, -1))
    parameters = [*embedding.parameters(), *lstm.parameters(), *linear.parameters()]
    optimizer, losses = torch.optim.SGD(parameters, rate), []
    state = tuple(torch.zeros(layers, batch, hidden, dtype=torch.float64) for _ in "hc")
    for start in range(0, steps * window, window):
        y, state = lstm(embedding(tokens[:, start : start + window]), tuple(s.detach() for s in state))
        targets = tokens[:, start + 1 : start + window + 1]
        loss = functional.cross_entropy(linear(y).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    golden.store("tokens", tokens)
    golden.store("loss", torch.tensor(losses, dtype=torch.float64))
    golden.metadata["loss"] = json.dumps([float(f"{loss:.12g}") for loss in losses])
    return golden


def goldens():
    yield from recurrent_goldens()
    yield from (cross_entropy(), ctc(), transducer(), optimizers(), language_model())


if __name__ == "__main__":
    write_all(goldens(), lambda name: not name.startswith(("zoo_", "onnx_")))
