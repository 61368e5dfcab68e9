#!/usr/bin/python3
"""Writes the recurrent layers that onnx_layers.cc runs, PyTorch's forms: onnx_models.py FOLDER.

Inputs x [steps, batch, hidden] and of each layer h0, h1, .. [1, batch, hidden] (and c0, c1, .. of the LSTM); outputs y
and the states after the last step, hn0, .. (cn0, ..).
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def state(name, hidden):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "batch", hidden])


def sequence(name, hidden):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["steps", "batch", hidden])


def model(cell, hidden, layers):
    random = np.random.default_rng(0)
    limit = hidden**-0.5
    rows = GATES[cell] * hidden
    constants = [numpy_helper.from_array(np.array([1]), "direction")]
    inputs, outputs, nodes = [sequence("x", hidden)], [sequence("y", hidden)], []
    attributes = {"hidden_size": hidden} | ({"linear_before_reset": 1} if cell == "gru" else {})
    x = "x"
    for layer in range(layers):
        for name, shape in ("W", (1, rows, hidden)), ("R", (1, rows, hidden)), ("B", (1, 2 * rows)):
            values = random.uniform(-limit, limit, shape).astype(np.float32)
            constants.append(numpy_helper.from_array(values, f"{name}{layer}"))
        states = ["h", "c"] if cell == "lstm" else ["h"]
        inputs += [state(f"{s}{layer}", hidden) for s in states]
        outputs += [state(f"{s}n{layer}", hidden) for s in states]
        y = "y" if layer == layers - 1 else f"y{layer}"
        nodes.append(
            helper.make_node(
                cell.upper(),
                [x, f"W{layer}", f"R{layer}", f"B{layer}", ""] + [f"{s}{layer}" for s in states],
                [f"directions{layer}"] + [f"{s}n{layer}" for s in states],
                **attributes,
            )
        )
        nodes.append(helper.make_node("Squeeze", [f"directions{layer}", "direction"], [y]))
        x = y
    graph = helper.make_graph(nodes, "layers", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7)


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for cell in GATES:
    for hidden in 32, 64, 128, 256, 512, 1024:
        for layers in 1, 2:
            onnx.save(model(cell, hidden, layers), folder / f"{cell}_H{hidden}_L{layers}.onnx")
