#!/usr/bin/python3
"""Training of a translator in PyTorch, whole steps (batching, forward, loss, backward, clipping, Adam), to be run as
torch_measure.py says: an encoder and decoder of gated recurrent units with additive attention (Bahdanau, Cho & Bengio
2015, with tanh for maxout), teacher forcing, full softmax.

Prints the target tokens a second (each target with its end token, without begin), the mean loss a target token in nats
of the steps that were timed, and that of the first step of all.
"""

import argparse
import itertools
import random
from collections import Counter
from time import perf_counter

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence

from torch_measure import report

EMBEDDING, HIDDEN = 256, 512  # the attention and the readout are as wide as the state
UNKNOWN, BEGIN, END = 0, 1, 2
WARM_UP = 5  # steps


class Translator(nn.Module):
    def __init__(self, source_words, target_words):
        super().__init__()
        memory = 2 * HIDDEN
        self.source_embedding = nn.Embedding(source_words, EMBEDDING)
        self.target_embedding = nn.Embedding(target_words, EMBEDDING)
        self.encoder = nn.GRU(EMBEDDING, HIDDEN, bidirectional=True)
        self.start = nn.Linear(memory, HIDDEN)
        self.key = nn.Linear(memory, HIDDEN, bias=False)
        self.v = nn.Parameter(torch.empty(HIDDEN).uniform_(-(HIDDEN**-0.5), HIDDEN**-0.5))
        # The decoder's cell as in nn.GRUCell, its matrices apart by what they multiply: the embedding of all steps
        # before the loop; in it the context, and the state for the gates and for the query at once.
        self.from_embedding = nn.Linear(EMBEDDING, 3 * HIDDEN)
        self.from_context = nn.Linear(memory, 3 * HIDDEN, bias=False)
        self.from_state = nn.Linear(HIDDEN, 4 * HIDDEN)
        self.readout = nn.Linear(HIDDEN + memory + EMBEDDING, HIDDEN)
        self.output = nn.Linear(HIDDEN, target_words)

    def encode(self, source, lengths):
        """The memory [batch, steps, 2 * HIDDEN] and the decoder's first state [batch, HIDDEN]."""
        x = self.source_embedding(source)
        # Batches of similar length hardly pad: most have sources of one length only, and these need no packing. The
        # others must be packed, so that the backward direction begins at the last word.
        if lengths[0] == lengths[-1]:
            memory, last = self.encoder(x)
        else:
            packed, last = self.encoder(pack_padded_sequence(x, lengths))
            memory, _ = pad_packed_sequence(packed)
        return memory.transpose(0, 1).contiguous(), self.start(torch.cat((last[0], last[1]), 1)).tanh_()

    def decode(self, h, memory, padding, x, batch_sizes):
        """States and contexts after each of the inputs x [words, EMBEDDING], packed as they are."""
        keys = self.key(memory)
        from_context, from_state = self.from_context.weight.t(), self.from_state.weight.t()
        states, contexts = [], []
        for from_embedding in self.from_embedding(x).split(batch_sizes):
            rows = len(from_embedding)
            if rows < len(h):  # the shortest targets have ended
                h, keys, memory = h[:rows], keys[:rows], memory[:rows]
                padding = None if padding is None else padding[:rows]
            recurrent, recurrent_new, query = torch.addmm(self.from_state.bias, h, from_state).split(
                (2 * HIDDEN, HIDDEN, HIDDEN), 1
            )
            scores = torch.add(query.unsqueeze(1), keys).tanh_() @ self.v
            if padding is not None:
                scores = scores + padding
            context = torch.bmm(scores.softmax(1).unsqueeze(1), memory).squeeze(1)
            gates, new = torch.addmm(from_embedding, context, from_context).split((2 * HIDDEN, HIDDEN), 1)
            reset, update = (gates + recurrent).sigmoid_().chunk(2, 1)
            h = torch.lerp(torch.addcmul(new, reset, recurrent_new).tanh_(), h, update)
            states.append(h)
            contexts.append(context)
        return torch.cat(states), torch.cat(contexts)

    def forward(self, source, source_lengths, rows, words, targets):
        """The mean loss. The sources [steps, batch] are sorted by their lengths; `words` and `targets` are packed, of
        the sources `rows`, or of all in their order if that is None. Against steps over padded targets (a twentieth of
        the places are padding in batches sorted by length) that spares some hundredths of the time."""
        memory, h = self.encode(source, source_lengths)
        padding = None
        if source_lengths[0] != source_lengths[-1]:
            lengths = torch.tensor(source_lengths).unsqueeze(1)
            padding = torch.zeros(memory.shape[:2]).masked_fill_(torch.arange(memory.shape[1]) >= lengths, -torch.inf)
        if rows is not None:
            memory, h = memory.index_select(0, rows), h.index_select(0, rows)
            padding = None if padding is None else padding.index_select(0, rows)
        x = self.target_embedding(words.data)
        states, contexts = self.decode(h, memory, padding, x, words.batch_sizes.tolist())
        y = self.readout(torch.cat((states, contexts, x), 1)).tanh_()
        return functional.cross_entropy(self.output(y), targets.data)


def vocabulary(texts, min_count):
    counts = Counter(word for text in texts for word in text)
    return {word: 3 + i for i, (word, count) in enumerate(counts.most_common()) if count >= min_count}


def encoded(texts, words):
    return [[words.get(word, UNKNOWN) for word in text] for text in texts]


def batches(sources, targets, size):
    """Batches for ever, longest sources first in each. Ties and the order of the batches are drawn anew each epoch."""
    draw = random.Random(1)
    while True:
        order = list(range(len(sources)))
        draw.shuffle(order)
        order.sort(key=lambda i: (-len(sources[i]), -len(targets[i])))
        cuts = [order[i : i + size] for i in range(0, len(order), size)]
        draw.shuffle(cuts)
        for cut in cuts:
            yield [sources[i] for i in cut], [targets[i] for i in cut]


def tensors(sources, targets):
    """What Translator.forward takes."""
    rows = sorted(range(len(targets)), key=lambda i: -len(targets[i]))
    words = pack_sequence([torch.tensor([BEGIN] + targets[i]) for i in rows])
    expected = pack_sequence([torch.tensor(targets[i] + [END]) for i in rows])
    rows = None if rows == list(range(len(rows))) else torch.tensor(rows)
    return pad_sequence([torch.tensor(s) for s in sources]), [len(s) for s in sources], rows, words, expected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="lines of source<TAB>target, words between blanks")
    parser.add_argument("--min-count", type=int, default=2, help="rarer words are unknown [2]")
    parser.add_argument("--batch", type=int, default=64, help="records [64]")
    parser.add_argument("--seconds", type=float, default=30, help="time steps for so long, after some to warm up [30]")
    parser.add_argument("--steps", type=int, default=0, help="time so many steps instead")
    parser.add_argument("threads", type=int)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    with open(arguments.data, encoding="utf-8") as lines:
        pairs = [[side.split() for side in line.split("\t")] for line in lines]
    sides = []
    for texts in zip(*pairs):
        words = vocabulary(texts, arguments.min_count)
        sides.append((encoded(texts, words), 3 + len(words)))
    (sources, source_words), (targets, target_words) = sides

    model = Translator(source_words, target_words)
    parameters = list(model.parameters())
    adam = torch.optim.Adam(parameters, 1e-3)

    def step(batch):
        adam.zero_grad(set_to_none=True)
        prepared = tensors(*batch)
        loss = model(*prepared)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        return loss.item(), len(prepared[-1].data)

    data = batches(sources, targets, arguments.batch)
    first_loss = [step(batch)[0] for batch in itertools.islice(data, WARM_UP)][0]
    steps = tokens = total_loss = 0
    begin = perf_counter()
    while steps < arguments.steps if arguments.steps else perf_counter() - begin < arguments.seconds:
        loss, count = step(next(data))
        steps += 1
        tokens += count
        total_loss += loss * count
    seconds = perf_counter() - begin
    print("# PyTorch", torch.__version__)
    report(
        f"translate_gru{HIDDEN}_additive_B{arguments.batch}",
        arguments.threads,
        {
            "tok/s_mean": tokens / seconds,
            "ms_per_step": seconds / steps * 1e3,
            "mean_loss": total_loss / tokens,
            "first_loss": first_loss,
        },
    )


if __name__ == "__main__":
    main()
