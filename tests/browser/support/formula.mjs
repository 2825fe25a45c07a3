// Weights from a hash of their names, as tests/golden/README.md describes them: a whole network of
// the real shapes for tests that need no particular answer of it.
import { writeTensors } from "./safetensors.mjs";

/** Expansion, output channels and repeats of MobileNetV2's stages. */
const STAGES = [
  [1, 16, 1],
  [6, 24, 2],
  [6, 32, 3],
  [6, 64, 4],
  [6, 96, 3],
  [6, 160, 3],
  [6, 320, 1],
];

/** Output channels, repeats and kernel of the stages of EfficientNet-B0 and Lite0. */
const EFFICIENTNET_STAGES = [
  [16, 1, 3],
  [24, 2, 3],
  [40, 2, 5],
  [80, 3, 3],
  [112, 3, 5],
  [192, 4, 5],
  [320, 1, 3],
];

/** A safetensors file of timm's mobilenetv2_100 with so many classes. */
export function timmMobileNetV2(classes) {
  const file = new Shapes(1);
  file.conv("conv_stem", "bn1", 32, 3, 3, 3);
  let inputs = 32;
  STAGES.forEach(([expansion, outputs, repeats], stage) => {
    for (let repeat = 0; repeat < repeats; repeat++) {
      file.block(`blocks.${stage}.${repeat}`, { inputs, hidden: inputs * expansion, outputs, kernel: 3 });
      inputs = outputs;
    }
  });
  return file.end(inputs, classes);
}

/** A safetensors file of timm's tf_efficientnet_b0 or _lite0, every batch norm's weight times `gain`. */
export function timmEfficientNet(variant, classes, gain) {
  const file = new Shapes(gain);
  file.conv("conv_stem", "bn1", 32, 3, 3, 3);
  let inputs = 32;
  EFFICIENTNET_STAGES.forEach(([outputs, repeats, kernel], stage) => {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const hidden = stage > 0 ? 6 * inputs : inputs;
      const reduced = variant === "b0" ? inputs / 4 : 0;
      file.block(`blocks.${stage}.${repeat}`, { inputs, hidden, outputs, kernel, reduced });
      inputs = outputs;
    }
  });
  return file.end(inputs, classes);
}

/** Collects a network's tensors under timm's names. */
class Shapes {
  constructor(gain) {
    this.gain = gain;
    this.tensors = new Map();
  }

  add(name, ...shape) {
    this.tensors.set(name, { shape, data: tensor(name, shape, this.gain) });
  }

  conv(name, norm, ...shape) {
    this.add(`${name}.weight`, ...shape);
    for (const part of ["weight", "bias", "running_mean", "running_var"]) this.add(`${norm}.${part}`, shape[0]);
  }

  biased(name, ...shape) {
    this.add(`${name}.weight`, ...shape);
    this.add(`${name}.bias`, shape[0]);
  }

  /** Expand, filter, weigh the channels if `reduced`, project. */
  block(name, { inputs, hidden, outputs, kernel, reduced = 0 }) {
    let norm = 0;
    const next = () => `${name}.bn${++norm}`;
    const expands = hidden !== inputs;
    if (expands) this.conv(`${name}.conv_pw`, next(), hidden, inputs, 1, 1);
    this.conv(`${name}.conv_dw`, next(), hidden, 1, kernel, kernel);
    if (reduced) {
      this.biased(`${name}.se.conv_reduce`, reduced, hidden, 1, 1);
      this.biased(`${name}.se.conv_expand`, hidden, reduced, 1, 1);
    }
    this.conv(`${name}.${expands ? "conv_pwl" : "conv_pw"}`, next(), outputs, hidden, 1, 1);
  }

  /** The file, after the head. */
  end(inputs, classes) {
    this.conv("conv_head", "bn2", 1280, inputs, 1, 1);
    this.biased("classifier", classes, 1280);
    return writeTensors(this.tensors);
  }
}

/** The formula's tensor of that name and shape; a batch norm's weight times `gain`. */
export function tensor(name, shape, gain = 1) {
  const size = shape.reduce((product, length) => product * length, 1);
  const centred = (scale) => (u) => (2 * u - 1) * scale;
  const fanIn = size / shape[0];
  let value = (u) => 0.5 + u;
  if (/weight$/.test(name) && shape.length === 1) value = (u) => (0.5 + u) * gain;
  if (name === "input") value = (u) => u;
  else if (/(bias|running_mean)$/.test(name)) value = centred(0.2);
  else if (shape.length > 1) value = centred(Math.sqrt((shape.length === 2 ? 1 : 6) / fanIn));
  return Float32Array.from(uniform(name, size), value);
}

/**
 * splitmix64 of the name's hash plus 0, 1, 2 ..., as numbers in [0, 1). Each 64-bit number is kept in
 * two halves, which is twenty times as fast as BigInt.
 */
function uniform(name, size) {
  const seed = fnv1a64(name) + 0x9e3779b97f4a7c15n;
  const [seedHigh, seedLow] = [Number((seed >> 32n) & 0xffffffffn), Number(seed & 0xffffffffn)];
  const numbers = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let low = seedLow + i;
    let high = (seedHigh + (low >= 2 ** 32 ? 1 : 0)) >>> 0;
    let a = (low ^ ((low >>> 30) | (high << 2))) >>> 0;
    let b = (high ^ (high >>> 30)) >>> 0;
    low = Math.imul(a, 0x1ce4e5b9);
    high = upperHalf(a, 0x1ce4e5b9) + Math.imul(a, 0xbf58476d) + Math.imul(b, 0x1ce4e5b9);
    a = (low ^ ((low >>> 27) | (high << 5))) >>> 0;
    b = (high ^ ((high >>> 0) >>> 27)) >>> 0;
    high = upperHalf(a, 0x133111eb) + Math.imul(a, 0x94d049bb) + Math.imul(b, 0x133111eb);
    numbers[i] = ((high ^ ((high >>> 0) >>> 31)) >>> 8) / 2 ** 24;
  }
  return numbers;
}

function fnv1a64(name) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** The upper 32 bits of the product of two 32-bit numbers, from products of 16 bits. */
function upperHalf(one, other) {
  const [a, b, c, d] = [one & 0xffff, one >>> 16, other & 0xffff, other >>> 16];
  const middle = b * c + ((a * c) >>> 16);
  const lower = a * d + (middle & 0xffff);
  return b * d + Math.floor(middle / 2 ** 16) + Math.floor(lower / 2 ** 16);
}
