#!/usr/bin/env python3
"""Remakes the files zoo_* of tests/golden: every cell written out from its paper, step by step, in double.

    /usr/bin/python3 scripts/make_golden_zoo.py [FOLDER]    (needs PyTorch 1.13; default folder: tests/golden)

PyTorch only multiplies, applies functions and differentiates. tests/golden/README.md describes the files.
"""
import itertools
import json
from types import SimpleNamespace

import torch
from torch import exp, relu, sigmoid, tanh

from golden import RAGGED, Golden, rows_of, weight_scale, write_all

SIZES = [(3, 5), (4, 17)]  # (input, hidden)
KEEP = {"h": 0.25}  # zoneout: the probability that a state keeps its value of the step before
KEEP_OTHERS = 0.125
CLIP = 0.5
OPTIONS = {
    "layer_norm": {"layer_norm": True},
    "zoneout": {"zoneout": KEEP["h"], "zoneout_cell": KEEP_OTHERS},
    "zoneout_expected": {"zoneout": KEEP["h"], "zoneout_cell": KEEP_OTHERS, "evaluation": True},
    "state_dropout": {"state_dropout": 0.5},
    "state_clip": {"state_clip": CLIP},
}
OPTIONS["all"] = OPTIONS["layer_norm"] | OPTIONS["zoneout"] | OPTIONS["state_dropout"] | OPTIONS["state_clip"]


class Cell:
    """What each cell below says: its equations, its states (the first is the output) and its parameters.

    gates: {family: gates} of the matrices with bias; those of ih have a column for each input, others for each hidden
    unit. bare: the same without bias. vectors: parameters of one number a unit. output_columns, output_rows,
    output_states: the families whose columns, those whose rows, and the states, that have the output's own width.
    step(w, x, s): the candidates of all states from the layer's parameters w (w.ih(x) is weight_ih x + bias_ih), the
    input and the states of the step before.
    """

    states, bare, vectors, window = ("h",), {}, (), 1
    output_columns, output_rows, output_states = (), (), ()
    projections = None  # the output's width for each of SIZES


class Elman(Cell):
    gates = {"ih": 1, "hh": 1}

    def step(w, x, s):
        (z,) = w.normalised(w.ih(x) + w.hh(w.dropped("h", s.h)))
        return {"h": tanh(z)}


class Irnn(Cell):
    gates = {"ih": 1, "hh": 1}

    def step(w, x, s):
        z = w.ih(x) + w.hh(s.h)
        w.keep_away(z, 1e-3)
        return {"h": relu(z)}


class IndRnn(Cell):
    gates, vectors = {"ih": 1}, ("hh",)

    def step(w, x, s):
        z = w.ih(x) + w.weight_hh * s.h
        w.keep_away(z, 1e-3)
        return {"h": relu(z)}


class Jordan(Cell):
    gates, states = {"ih": 1, "hh": 1, "ho": 1}, ("y",)
    output_columns, output_rows, output_states, projections = ("hh",), ("ho",), ("y",), (7, 9)

    def step(w, x, s):
        hidden = tanh(w.ih(x) + w.hh(s.y))
        return {"y": tanh(w.ho(hidden))}


class Tdnn(Cell):
    gates, window = {"ih": 1}, 3

    def step(w, x, s):
        return {"h": tanh(w.ih(x))}


class Lstm(Cell):
    gates, states = {"ih": 4, "hh": 4}, ("h", "c")

    def step(w, x, s):
        i, f, g, o = w.normalised(w.ih(x) + w.hh(w.dropped("h", s.h)))
        c = sigmoid(f) * s.c + sigmoid(i) * tanh(g)
        return {"h": sigmoid(o) * tanh(c), "c": c}


class Lstm1997(Cell):
    gates, states = {"ih": 3, "hh": 3}, ("h", "c")

    def step(w, x, s):
        i, g, o = (w.ih(x) + w.hh(s.h)).chunk(3, 1)
        c = s.c + sigmoid(i) * tanh(g)
        return {"h": sigmoid(o) * tanh(c), "c": c}


class LstmPeephole(Cell):
    gates, states, vectors = {"ih": 4, "hh": 4}, ("h", "c"), ("ci", "cf", "co")

    def step(w, x, s):
        i, f, g, o = w.normalised(w.ih(x) + w.hh(w.dropped("h", s.h)))
        i = sigmoid(i + w.weight_ci * s.c)
        f = sigmoid(f + w.weight_cf * s.c)
        c = f * s.c + i * tanh(g)
        o = sigmoid(o + w.weight_co * c)
        return {"h": o * tanh(c), "c": c}


class LstmFullPeephole(Cell):
    gates, bare, states = {"ih": 4, "hh": 4}, {"ch": 3}, ("h", "c")

    def step(w, x, s):
        i, f, g, o = (w.ih(x) + w.hh(s.h)).chunk(4, 1)
        ci, cf, co = w.ch(s.c).chunk(3, 1)
        c = sigmoid(f + cf) * s.c + sigmoid(i + ci) * tanh(g)
        return {"h": sigmoid(o + co) * tanh(c), "c": c}


class LstmFullPeepholeF(Cell):
    gates, bare, states = {"ih": 4, "hh": 4}, {"ch": 1}, ("h", "c")

    def step(w, x, s):
        i, f, g, o = (w.ih(x) + w.hh(s.h)).chunk(4, 1)
        c = sigmoid(f + w.ch(s.c)) * s.c + sigmoid(i) * tanh(g)
        return {"h": sigmoid(o) * tanh(c), "c": c}


class LstmCoupled(Cell):
    gates, states = {"ih": 3, "hh": 3}, ("h", "c")

    def step(w, x, s):
        i, g, o = (w.ih(x) + w.hh(s.h)).chunk(3, 1)
        i = sigmoid(i)
        c = (1 - i) * s.c + i * tanh(g)
        return {"h": sigmoid(o) * tanh(c), "c": c}


class LstmProjection(Cell):
    gates, bare, states = {"ih": 4, "hh": 4}, {"hr": 1}, ("h", "c")
    output_columns, output_rows, output_states, projections = ("hh",), ("hr",), ("h",), (2, 9)

    def step(w, x, s):
        i, f, g, o = (w.ih(x) + w.hh(s.h)).chunk(4, 1)
        c = sigmoid(f) * s.c + sigmoid(i) * tanh(g)
        return {"h": w.hr(sigmoid(o) * tanh(c)), "c": c}


class Gru(Cell):
    gates = {"ih": 3, "hh": 3}

    def step(w, x, s):
        rx, zx, nx = w.ih(x).chunk(3, 1)
        rh, zh, nh = w.hh(w.dropped("h", s.h)).chunk(3, 1)
        r, z, nx, nh = w.normalised(torch.cat([rx + rh, zx + zh, nx, nh], 1))
        n = tanh(nx + sigmoid(r) * nh)
        z = sigmoid(z)
        return {"h": (1 - z) * n + z * s.h}


class GruResetBefore(Cell):
    gates = {"ih": 3, "hh": 3}

    def step(w, x, s):
        rx, zx, nx = w.ih(x).chunk(3, 1)
        rh, zh, _ = w.hh(s.h).chunk(3, 1)
        r, z = sigmoid(rx + rh), sigmoid(zx + zh)
        _, _, nh = w.hh(r * s.h).chunk(3, 1)
        n = tanh(nx + nh)
        return {"h": (1 - z) * n + z * s.h}


class Mgu(Cell):
    gates = {"ih": 2, "hh": 2}

    def step(w, x, s):
        fx, nx = w.ih(x).chunk(2, 1)
        fh, _ = w.hh(s.h).chunk(2, 1)
        f = sigmoid(fx + fh)
        _, nh = w.hh(f * s.h).chunk(2, 1)
        n = tanh(nx + nh)
        return {"h": (1 - f) * s.h + f * n}


class MinGru(Cell):
    gates = {"ih": 2}

    def step(w, x, s):
        z, n = w.ih(x).chunk(2, 1)
        z = sigmoid(z)
        return {"h": (1 - z) * s.h + z * n}


class MinLstm(Cell):
    gates = {"ih": 3}

    def step(w, x, s):
        f, i, n = w.ih(x).chunk(3, 1)
        f, i = sigmoid(f), sigmoid(i)
        return {"h": f / (f + i) * s.h + i / (f + i) * n}


class Sru(Cell):
    gates, bare, states, vectors = {"ih": 2}, {"xh": 2}, ("h", "c"), ("vf", "vr")

    def step(w, x, s):
        f, r = w.ih(x).chunk(2, 1)
        n, skip = w.xh(x).chunk(2, 1)
        f = sigmoid(f + w.weight_vf * s.c)
        r = sigmoid(r + w.weight_vr * s.c)
        c = f * s.c + (1 - f) * n
        return {"h": r * c + (1 - r) * skip, "c": c}


class Qrnn(Cell):
    gates, states, window = {"ih": 3}, ("h", "c"), 2

    def step(w, x, s):
        z, f, o = w.ih(x).chunk(3, 1)
        f = sigmoid(f)
        c = f * s.c + (1 - f) * tanh(z)
        return {"h": sigmoid(o) * c, "c": c}


class Slstm(Cell):
    gates, states = {"ih": 4, "hh": 4}, ("h", "c", "n", "m")

    def step(w, x, s):
        i, f, z, o = (w.ih(x) + w.hh(s.h)).chunk(4, 1)
        log_f = torch.log(sigmoid(f))
        w.keep_away(log_f + s.m - i, 1e-3)
        m = torch.maximum(log_f + s.m, i)
        i, f = exp(i - m), exp(log_f + s.m - m)
        c = f * s.c + i * tanh(z)
        n = f * s.n + i
        return {"h": sigmoid(o) * c / n, "c": c, "n": n, "m": m}


CELLS = {
    "irnn": Irnn, "indrnn": IndRnn, "jordan": Jordan, "tdnn": Tdnn, "lstm-1997": Lstm1997,
    "lstm-peephole": LstmPeephole, "lstm-full-peephole": LstmFullPeephole, "lstm-full-peephole-f": LstmFullPeepholeF,
    "lstm-coupled": LstmCoupled, "lstm-projection": LstmProjection, "gru-reset-before": GruResetBefore, "mgu": Mgu,
    "mingru": MinGru, "minlstm": MinLstm, "sru": Sru, "qrnn": Qrnn, "slstm": Slstm,
}
WITH_OPTIONS = {"elman": Elman, "lstm": Lstm, "gru": Gru}
WITH_ALL = {"lstm-peephole": LstmPeephole, "gru": Gru}


class Layer:
    """One layer of a cell at work: its parameters and what the options do to pre-activations and states."""

    def __init__(self, golden, cell, input_size, hidden, width, options, rows):
        self.golden, self.cell, self.options, self.rows = golden, cell, options, rows
        self.hidden, self.smooth = hidden, True
        self.widths = {state: width if state in cell.output_states else hidden for state in cell.states}
        self.parameters = {}
        for family, gates in (cell.gates | cell.bare).items():
            columns = {"ih": input_size * cell.window, "xh": input_size}.get(family, hidden)
            columns = width if family in cell.output_columns else columns
            each = width if family in cell.output_rows else hidden
            self.parameter(f"weight_{family}", (gates * each, columns), weight_scale(columns))
            if family in cell.gates:
                self.parameter(f"bias_{family}", (gates * each,), weight_scale(hidden))
        for vector in cell.vectors:
            self.parameter(f"weight_{vector}", (hidden,), 1.0)
        if "layer_norm" in options:
            gates = 4 if cell is Gru else cell.gates["ih"]
            self.parameter("weight_ln", (gates * hidden,), 1.0)
            self.parameter("bias_ln", (gates * hidden,), weight_scale(hidden))
        self.keep, self.mask = {}, {}
        if "zoneout" in options and "evaluation" not in options:
            for state, units in self.widths.items():
                self.keep[state] = self.stored_mask(f"keep_{state}", (sum(rows), units), KEEP.get(state, KEEP_OTHERS))
        if "state_dropout" in options:  # only h is multiplied by a matrix in the cells that have options
            kept = 1 - options["state_dropout"]
            self.mask["h"] = self.stored_mask("mask_h", (rows[0], hidden), kept) / kept
            golden.store("mask_h", self.mask["h"])

    def parameter(self, name, shape, scale):
        value = self.golden.formula(f"{name}_l0", shape, scale).requires_grad_()
        self.parameters[f"{name}_l0"] = value
        setattr(self, name, value)
        family = name.removeprefix("weight_")
        if len(shape) == 2:
            setattr(self, family, lambda source: source @ value.T + getattr(self, f"bias_{family}", 0.0))

    def stored_mask(self, name, shape, probability):
        """1 with a probability, else 0, from the formula's bits; stored."""
        mask = torch.from_numpy(self.golden.bits(name, shape) < probability * 2**24).double()
        self.golden.store(name, mask)
        return mask

    def normalised(self, z):
        """The pre-activations gate by gate, each normalised over its units if the options say so."""
        gates = z.split(self.hidden, 1)
        if "layer_norm" not in self.options:
            return gates
        result = []
        for gate, gain, bias in zip(gates, self.weight_ln.split(self.hidden), self.bias_ln.split(self.hidden)):
            mean = gate.mean(1, keepdim=True)
            variance = ((gate - mean) ** 2).mean(1, keepdim=True)
            result.append(gain * (gate - mean) / torch.sqrt(variance + 1e-5) + bias)
        return result

    def dropped(self, state, value):
        """A state about to be multiplied by a matrix: times its sequences' mask, if the options say so."""
        return value * self.mask[state][: len(value)] if state in self.mask else value

    def keep_away(self, value, distance):
        """Float and double may disagree about the gradient at a kink: notes that an argument comes too near to it."""
        self.smooth = self.smooth and bool((value.abs() > distance).all())

    def after(self, state, old, candidate, step):
        """What zoneout and clipping make of a state's candidate; `step` are the rows of this step."""
        value, kept = candidate, torch.zeros_like(old, dtype=torch.bool)
        if self.keep:
            keep = self.keep[state][step]
            value, kept = keep * old + (1 - keep) * candidate, keep == 1
        elif "zoneout" in self.options:
            p = KEEP.get(state, KEEP_OTHERS)
            value = p * old + (1 - p) * candidate
        if "state_clip" in self.options:
            # A value that was clipped and then kept lies on the limit, but no gradient passes the step that clipped it.
            self.keep_away((value.abs() - CLIP)[~(kept & (old.abs() == CLIP))], 1e-4)
            value = value.clamp(-CLIP, CLIP)
        return value

    def run(self, x, first, reverse):
        """The output [total, width] and the last states [batch, width]."""
        starts = [sum(self.rows[:t]) for t in range(len(self.rows))]
        states, outputs = dict(first), [None] * len(self.rows)
        for t in reversed(range(len(self.rows))) if reverse else range(len(self.rows)):
            n = self.rows[t]
            step = slice(starts[t], starts[t] + n)
            seen = [self.input_at(x, starts, t + lag if reverse else t - lag, n) for lag in range(self.cell.window)]
            old = {state: value[:n] for state, value in states.items()}
            new = self.cell.step(self, torch.cat(seen, 1), SimpleNamespace(**old))
            for state in self.cell.states:
                value = self.after(state, old[state], new[state], step)
                states[state] = torch.cat([value, states[state][n:]])
            outputs[t] = states[self.cell.states[0]][:n]
        return torch.cat(outputs), states

    def input_at(self, x, starts, t, n):
        """The inputs of the first n sequences in step t, zero outside a sequence."""
        if t < 0:
            return torch.zeros(n, x.shape[1], dtype=x.dtype)
        active = min(n, self.rows[t]) if t < len(self.rows) else 0
        start = starts[t] if active else 0
        return torch.cat([x[start : start + active], torch.zeros(n - active, x.shape[1], dtype=x.dtype)])


def run_layer(golden, cell, input_size, hidden, width, reverse, options):
    """Fills the golden file with values and gradients of one layer; returns whether they are far from every kink."""
    rows = rows_of(RAGGED)
    layer = Layer(golden, cell, input_size, hidden, width, options, rows)
    x = golden.formula("x", (sum(rows), input_size), 1.0).requires_grad_()
    first = {}
    for state, state_width in layer.widths.items():
        shape = (len(RAGGED), state_width)
        if state == "n":  # a normaliser: positive. |formula| + 1 is exact in float; stored
            bits = torch.from_numpy(golden.bits("n0", shape))
            first["n"] = ((bits / 2.0**23 - 1.0).abs() + 1.0).requires_grad_()
            golden.store("n0", first["n"])
        else:
            first[state] = golden.formula(f"{state}0", shape, 1.0).requires_grad_()
    y, last = layer.run(x, first, reverse)

    loss = (golden.formula("w_y", tuple(y.shape), 1.0) * y).sum()
    for state, value in last.items():
        weight = "w_y_n" if state == "y" else f"w_{state}"  # w_y is the output's
        loss = loss + (golden.formula(weight, tuple(value.shape), 1.0) * value).sum()
    variables = {"grad_x": x} | {f"grad_{state}0": value for state, value in first.items()}
    variables |= {f"grad.{name}": value for name, value in layer.parameters.items()}
    gradients = torch.autograd.grad(loss, list(variables.values()), allow_unused=True)

    golden.store("rows", rows)
    golden.store("y", y)
    for state, value in last.items():
        golden.store(f"{state}_n", value)
    for (name, variable), gradient in zip(variables.items(), gradients):
        assert gradient is not None or name == "grad_h0", (golden.name, name)  # an output that the cell does not read
        golden.store_gradient(name, torch.zeros_like(variable) if gradient is None else gradient)
    alive = all(value.any() for name, value in golden.stored.items() if name != "grad_h0")
    return alive and layer.smooth


def zoo_golden(cell_name, cell, size, reverse, option=""):
    input_size, hidden = SIZES[size]
    projection = cell.projections[size] if cell.projections else 0
    options = OPTIONS[option] if option else {}
    name = "_".join(["zoo", cell_name, *([option] if option else []), f"i{input_size}", f"h{hidden}",
                     *([f"p{projection}"] if projection else []), "reverse" if reverse else "forward"])
    for attempt in itertools.count():
        golden = Golden(name, attempt, cell=cell_name, input=str(input_size), hidden=str(hidden),
                        projection=str(projection), window=str(cell.window), reverse=str(int(reverse)),
                        options=json.dumps(options))
        if run_layer(golden, cell, input_size, hidden, projection or hidden, reverse, options):
            return golden


def goldens():
    for size, reverse in itertools.product(range(len(SIZES)), (False, True)):
        for name, cell in CELLS.items():
            yield zoo_golden(name, cell, size, reverse)
        for (name, cell), option in itertools.product(WITH_OPTIONS.items(), OPTIONS):
            if option != "all":
                yield zoo_golden(name, cell, size, reverse, option)
        for name, cell in WITH_ALL.items():
            yield zoo_golden(name, cell, size, reverse, "all")


if __name__ == "__main__":
    write_all(goldens(), lambda name: name.startswith("zoo_"))
