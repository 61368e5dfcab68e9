"""What the scripts that make golden files share: the formula of parameters and inputs, the writing of a file."""
import json
import math
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import torch

RAGGED = [7, 5, 5, 2, 1]  # lengths of the sequences of a batch, longest first
STORED_WHOLE = 4096  # a gradient of more elements than this is stored as a sample: every STRIDE-th element
STRIDE = 37


def hash24(seed, count):
    """24 random bits for each k < count: splitmix64's finaliser over seed * 2^32 + k (all modulo 2^64).

    z = (seed << 32) + k + 0x9E3779B97F4A7C15
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB
    z = z ^ (z >> 31);  bits = z >> 40
    """
    z = np.arange(count, dtype=np.uint64) + np.uint64(((seed << 32) + 0x9E3779B97F4A7C15) % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.int64)


class Golden:
    """One golden file in the making: tensors by formula (remembered), results (stored) and metadata."""

    def __init__(self, name, attempt=0, **metadata):
        self.name, self.attempt, self.metadata = name, attempt, metadata
        self.generated, self.stored = {}, {}

    def seed(self, tensor):
        return zlib.crc32(f"{self.name}/{tensor}/{self.attempt}".encode())

    def bits(self, tensor, shape):
        """24 random bits for each element."""
        return hash24(self.seed(tensor), math.prod(shape)).reshape(shape)

    def formula(self, tensor, shape, scale):
        """(bits / 2^23 - 1) * scale: uniform in [-scale, scale), exact in float as scale is a power of two."""
        assert math.frexp(scale)[0] == 0.5
        self.generated[tensor] = {"seed": self.seed(tensor), "scale": scale, "shape": list(shape)}
        return torch.from_numpy((self.bits(tensor, shape) / 2.0**23 - 1.0) * scale)

    def store(self, tensor, value):
        self.stored[tensor] = torch.as_tensor(value).detach()

    def store_gradient(self, tensor, value):
        if value.numel() > STORED_WHOLE:
            self.metadata[f"stride:{tensor}"] = str(STRIDE)
            value = value.reshape(-1)[::STRIDE]
        self.store(tensor, value)

    def write(self, folder):
        metadata = {"made_by": "PyTorch", **self.metadata}
        metadata["generated"] = json.dumps(self.generated, separators=(",", ":"))
        header, data, arrays = {"__metadata__": metadata}, b"", {}
        for tensor, value in self.stored.items():
            assert torch.isfinite(value).all(), (self.name, tensor)
            arrays[tensor] = value.numpy().astype("<f4" if value.is_floating_point() else "<i8")
        for tensor in sorted(arrays, key=lambda t: (-arrays[t].itemsize, t)):  # I64 first: everything stays aligned
            array = arrays[tensor]
            header[tensor] = {
                "dtype": {"f": "F32", "i": "I64"}[array.dtype.kind],
                "shape": list(array.shape),
                "data_offsets": [len(data), len(data) + array.nbytes],
            }
            data += array.tobytes()
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-(8 + len(text)) % 64)
        (folder / f"{self.name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def weight_scale(fan_in):
    """The power of two nearest to 1.5 / sqrt(fan_in): neither dull nor saturated."""
    return 2.0 ** round(math.log2(1.5 / math.sqrt(fan_in)))


def rows_of(lengths):
    """How many sequences are active in each time step."""
    return [sum(length > t for length in lengths) for t in range(lengths[0])]


def write_all(goldens, is_ours):
    """Replaces the files whose name `is_ours`, in the folder that the command line names or in tests/golden."""
    torch.set_num_threads(1)
    here = Path(__file__).resolve().parent
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "tests" / "golden"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.safetensors"):
        if is_ours(old.name):
            old.unlink()
    for golden in goldens:
        golden.write(folder)
