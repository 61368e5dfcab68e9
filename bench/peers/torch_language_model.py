#!/usr/bin/python3
"""Whole training steps of language models in PyTorch (forward, loss, backward, clipping, optimiser):
torch_language_model.py THREADS SCALE, as torch_measure.py says."""

import sys

import torch
from torch import nn
from torch.nn import functional

from torch_measure import measure, report

THREADS, SCALE = int(sys.argv[1]), float(sys.argv[2])
# Name, vocabulary, embedding (0: one-hot), hidden, batch, unroll, optimiser, dropout; two layers.
CASES = [
    ("char-onehot", 65, 0, 128, 50, 50, "adam", 0.0),
    ("char-emb", 65, 128, 128, 50, 50, "adam", 0.0),
    ("char-onehot", 65, 0, 512, 50, 50, "adam", 0.0),
    ("char-emb", 65, 512, 512, 50, 50, "adam", 0.0),
    ("ptb-small", 10000, 200, 200, 20, 35, "sgd", 0.0),
    ("ptb-medium", 10000, 650, 650, 20, 35, "sgd", 0.5),
]
LAYERS = 2


class LanguageModel(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, dropout):
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = nn.Embedding(vocabulary, embedding) if embedding else None
        self.lstm = nn.LSTM(embedding or vocabulary, hidden, LAYERS, dropout=dropout)
        self.output = nn.Linear(hidden, vocabulary)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()

    def forward(self, tokens, state):
        x = self.embedding(tokens) if self.embedding else functional.one_hot(tokens, self.vocabulary).float()
        y, state = self.lstm(self.dropout(x), state)
        return self.output(self.dropout(y)), state


def training_step(vocabulary, embedding, hidden, batch, unroll, optimiser, dropout):
    model = LanguageModel(vocabulary, embedding, hidden, dropout)
    parameters = list(model.parameters())
    update = torch.optim.Adam(parameters, 2e-3) if optimiser == "adam" else torch.optim.SGD(parameters, 1.0)
    tokens = torch.randint(vocabulary, (unroll, batch))
    targets = torch.randint(vocabulary, (unroll * batch,))
    state = (torch.zeros(LAYERS, batch, hidden), torch.zeros(LAYERS, batch, hidden))

    def run():
        nonlocal state
        update.zero_grad(set_to_none=True)
        logits, state = model(tokens, tuple(s.detach() for s in state))
        functional.cross_entropy(logits.view(-1, vocabulary), targets).backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        update.step()

    return run


print("# PyTorch", torch.__version__)
torch.set_num_threads(THREADS)
torch.manual_seed(0)
for name, vocabulary, embedding, hidden, batch, unroll, optimiser, dropout in CASES:
    run = training_step(vocabulary, embedding, hidden, batch, unroll, optimiser, dropout)
    median, least = measure(run, 2.5 * SCALE)
    case = f"lm_{name}_V{vocabulary}_E{embedding or vocabulary}_H{hidden}_L{LAYERS}_B{batch}_T{unroll}_{optimiser}"
    weights = 4 * hidden * (embedding + 3 * hidden) + hidden * vocabulary
    tokens = batch * unroll
    metrics = {"tok/s_med": tokens / median, "ms_med": median * 1e3, "ms_min": least * 1e3}
    report(case, THREADS, metrics | {"GF/s_med": 6.0 * weights * tokens / median * 1e-9})
