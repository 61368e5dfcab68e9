#!/usr/bin/env node
// Remakes the files onnx_* of tests/golden: what ONNX Runtime's LSTM and GRU operators compute, in float.
//
//     npm install --prefix FOLDER --ignore-scripts onnxruntime-node@1.30.0
//     NODE_PATH=FOLDER/node_modules node scripts/make_golden_onnx.mjs [OUT]        (default: tests/golden)
//
// The operators' order of gates (LSTM: input output forget candidate; GRU: update reset candidate) is brought into
// recur's. tests/golden/README.md describes the files.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

const ort = createRequire(import.meta.url)("onnxruntime-node");

const SIZES = [[3, 5], [4, 17]]; // [input, hidden]
const BATCHES = { ragged: [7, 5, 5, 2, 1], rectangle: [6, 6, 6, 6] }; // lengths of sequences, longest first
// gates: the order of rows in the file; inOperator: in ONNX.
const LSTM = { operator: "LSTM", states: ["h", "c"], inOperator: ["input", "output", "forget", "candidate"] };
const GRU = { operator: "GRU", states: ["h"], inOperator: ["update", "reset", "candidate"] };
const CELLS = {
  "lstm": { ...LSTM, gates: ["input", "forget", "candidate", "output"] },
  "lstm-peephole": {
    ...LSTM,
    gates: ["input", "forget", "candidate", "output"],
    peepholes: ["ci", "co", "cf"], // in the operator's order
  },
  "lstm-coupled": { ...LSTM, gates: ["input", "candidate", "output"], attributes: { input_forget: 1 } },
  "gru": { ...GRU, gates: ["reset", "update", "candidate"], attributes: { linear_before_reset: 1 } },
  "gru-reset-before": { ...GRU, gates: ["reset", "update", "candidate"], attributes: { linear_before_reset: 0 } },
};

// 24 random bits for each k < count: scripts/golden.py.
function hash24(seed, count) {
  const wrap = (z) => BigInt.asUintN(64, z);
  return Array.from({ length: count }, (_, k) => {
    let z = wrap((BigInt(seed) << 32n) + BigInt(k) + 0x9E3779B97F4A7C15n);
    z = wrap((z ^ (z >> 30n)) * 0xBF58476D1CE4E5B9n);
    z = wrap((z ^ (z >> 27n)) * 0x94D049BB133111EBn);
    return Number((z ^ (z >> 31n)) >> 40n);
  });
}

const product = (shape) => shape.reduce((a, b) => a * b, 1);

// One golden file in the making: tensors by formula (remembered), results (stored) and metadata.
class Golden {
  constructor(name, metadata) {
    Object.assign(this, { name, metadata, generated: {}, stored: {} });
  }
  formula(tensor, shape, scale) {
    const seed = zlib.crc32(`${this.name}/${tensor}/0`);
    this.generated[tensor] = { seed, scale, shape };
    return Float32Array.from(hash24(seed, product(shape)), (bits) => (bits / 2 ** 23 - 1) * scale);
  }
  store(tensor, shape, data) {
    this.stored[tensor] = { dtype: data instanceof BigInt64Array ? "I64" : "F32", shape, data };
  }
  write(folder) {
    const header = { __metadata__: { ...this.metadata, generated: JSON.stringify(this.generated) } };
    const chunks = [];
    let offset = 0;
    // I64 first: everything stays aligned.
    const order = (name) => (this.stored[name].dtype === "I64" ? "0" : "1") + name;
    for (const name of Object.keys(this.stored).sort((a, b) => (order(a) < order(b) ? -1 : 1))) {
      const { dtype, shape, data } = this.stored[name];
      header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
      offset += data.byteLength;
      chunks.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
    const text = Buffer.from(JSON.stringify(header));
    const padded = Buffer.alloc(text.length + ((64 - ((8 + text.length) % 64)) % 64), " ");
    text.copy(padded);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    fs.writeFileSync(path.join(folder, `${this.name}.safetensors`), Buffer.concat([length, padded, ...chunks]));
  }
}

// A protobuf message from [field, value] pairs: a number is a varint, a string or a buffer has its length before it.
function message(...fields) {
  const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
  return Buffer.concat(fields.map(([field, value]) => {
    if (typeof value === "number") return Buffer.from([...varint(field << 3), ...varint(value)]);
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes]);
  }));
}

// An ONNX model of one operator, all of whose inputs are inputs of the graph; `types` has 1 for float, 6 for int32.
function model(operator, types, outputs, attributes) {
  const attribute = ([name, value]) =>
    typeof value === "number"
      ? message([1, name], [3, value], [20, 2])
      : message([1, name], [4, value], [20, 3]);
  const node = message(
    ...Object.keys(types).map((name) => [1, name]),
    ...outputs.map((name) => [2, name]),
    [4, operator],
    ...Object.entries(attributes).map((entry) => [5, attribute(entry)]),
  );
  const value = (name, type) => message([1, name], [2, message([1, message([1, type])])]);
  const graph = message(
    [1, node],
    [2, operator],
    ...Object.entries(types).map(([name, type]) => [11, value(name, type)]),
    ...outputs.map((name) => [12, value(name, 1)]),
  );
  return message([1, 8], [7, graph], [8, message([1, ""], [2, 14])]); // IR version 8, operator set 14
}

// The power of two nearest to 1.5 / sqrt(fanIn).
const weightScale = (fanIn) => 2 ** Math.round(Math.log2(1.5 / Math.sqrt(fanIn)));

// Rows of gates from the file's order into the operator's; zero for a gate that the cell does not have: with
// input_forget the operator ignores the forget gate's.
function reorder(values, cell, rowSize) {
  const result = new Float32Array(cell.inOperator.length * rowSize);
  cell.inOperator.forEach((gate, i) => {
    const from = cell.gates.indexOf(gate);
    if (from >= 0) result.set(values.subarray(from * rowSize, (from + 1) * rowSize), i * rowSize);
  });
  return result;
}

function concatenate(arrays) {
  const result = new Float32Array(arrays.reduce((total, array) => total + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}

async function golden(cellName, input, hidden, batchName, reverse) {
  const cell = CELLS[cellName], lengths = BATCHES[batchName], batch = lengths.length, steps = lengths[0];
  const direction = reverse ? "reverse" : "forward";
  const file = new Golden(`onnx_${cellName}_i${input}_h${hidden}_${batchName}_${direction}`, {
    made_by: `ONNX Runtime ${ort.env.versions.common}`,
    cell: cellName,
    input: String(input),
    hidden: String(hidden),
    projection: "0",
    window: "1",
    reverse: String(Number(reverse)),
    options: "{}",
  });
  const rows = Array.from({ length: steps }, (_, t) => lengths.filter((length) => length > t).length);
  const total = rows.reduce((a, b) => a + b, 0), gates = cell.gates.length, H = hidden;

  const weight = (name, columns) => file.formula(name, [gates * H, columns], weightScale(columns));
  const bias = (name) => file.formula(name, [gates * H], weightScale(H));
  const W = reorder(weight("weight_ih_l0", input), cell, H * input);
  const R = reorder(weight("weight_hh_l0", H), cell, H * H);
  const B = concatenate([reorder(bias("bias_ih_l0"), cell, H), reorder(bias("bias_hh_l0"), cell, H)]);
  const P = (cell.peepholes ?? []).map((name) => file.formula(`weight_${name}_l0`, [H], 1));
  const packed = file.formula("x", [total, input], 1);
  const X = new Float32Array(steps * batch * input);
  const starts = rows.map((_, t) => rows.slice(0, t).reduce((a, b) => a + b, 0));
  rows.forEach((n, t) => X.set(packed.subarray(starts[t] * input, (starts[t] + n) * input), t * batch * input));

  const float = (values, shape) => new ort.Tensor("float32", values, shape);
  const G = cell.inOperator.length;
  const feeds = {
    X: float(X, [steps, batch, input]),
    W: float(W, [1, G * H, input]),
    R: float(R, [1, G * H, H]),
    B: float(B, [1, 2 * G * H]),
    sequence_lens: new ort.Tensor("int32", Int32Array.from(lengths), [batch]),
  };
  for (const state of cell.states) {
    feeds[`initial_${state}`] = float(file.formula(`${state}0`, [batch, H], 1), [1, batch, H]);
  }
  if (P.length) feeds.P = float(concatenate(P), [1, 3 * H]);

  const types = Object.fromEntries(Object.entries(feeds).map(([name, { type }]) => [name, type === "int32" ? 6 : 1]));
  const outputs = ["Y", ...cell.states.map((state) => `Y_${state}`)];
  const attributes = { hidden_size: H, direction, ...cell.attributes };
  const session = await ort.InferenceSession.create(model(cell.operator, types, outputs, attributes), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const result = await session.run(feeds);

  file.store("rows", [steps], BigInt64Array.from(rows, BigInt));
  const Y = result.Y.data; // [steps, 1, batch, H]
  file.store("y", [total, H], concatenate(rows.map((n, t) => Y.subarray(t * batch * H, (t * batch + n) * H))));
  for (const state of cell.states) file.store(`${state}_n`, [batch, H], result[`Y_${state}`].data);
  return file;
}

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? path.join(here, "..", "tests", "golden");
fs.mkdirSync(folder, { recursive: true });
for (const name of fs.readdirSync(folder)) {
  if (/^onnx_.*\.safetensors$/.test(name)) fs.unlinkSync(path.join(folder, name));
}
for (const cell of Object.keys(CELLS)) {
  for (const [input, hidden] of SIZES) {
    for (const batch of Object.keys(BATCHES)) {
      for (const reverse of [false, true]) (await golden(cell, input, hidden, batch, reverse)).write(folder);
    }
  }
}
