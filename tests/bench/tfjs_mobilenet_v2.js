// MobileNetV2 in TensorFlow.js with the weights that we ship, for the bench's page.
// Plain script: `tf` is the global of TensorFlow.js.

/** [expansion, output channels, repeats, stride] of each stage; arXiv 1801.04381, table 2. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

async function loadWeights(url) {
  const buffer = await (await fetch(url)).arrayBuffer();
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const bytes = (name) => {
    const [from, to] = header[name].data_offsets;
    return buffer.slice(8 + length + from, 8 + length + to);
  };
  return (name) => {
    const shape = header[`${name}.weight`].shape;
    const quantised = new Int8Array(bytes(`${name}.weight`));
    const scale = new Float32Array(bytes(`${name}.weight.scale`));
    const each = quantised.length / shape[0];
    const values = Float32Array.from(quantised, (q, i) => q * scale[Math.floor(i / each)]);
    return { weight: tf.tensor(values, shape), bias: tf.tensor1d(new Float32Array(bytes(`${name}.bias`))) };
  };
}

/** Returns `logits(pixels [n, h, w, 3] in 0..1, fused)`. */
async function tfjsMobileNetV2(url) {
  const read = await loadWeights(url);
  const layers = [];
  const conv = (name, { stride = 1, depthwise = false, activate = true }) => {
    const { weight, bias } = read(name);
    // Ours are [out, in / groups, kh, kw]; theirs [kh, kw, in, out], depthwise [kh, kw, channels, 1].
    const kernel = tf.transpose(weight, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
    return (x, fused) => {
      const activation = activate ? "relu6" : "linear";
      const options = { x, filter: kernel, strides: stride, pad: "same", bias, activation };
      if (fused) return depthwise ? tf.fused.depthwiseConv2d(options) : tf.fused.conv2d(options);
      const y = depthwise
        ? tf.depthwiseConv2d(x, kernel, stride, "same")
        : tf.conv2d(x, kernel, stride, "same");
      const biased = tf.add(y, bias);
      return activate ? tf.relu6(biased) : biased;
    };
  };
  layers.push(conv("features.0.0", { stride: 2 }));
  let input = 32;
  let block = 1;
  for (const [expansion, output, repeats, stride] of STAGES) {
    for (let i = 0; i < repeats; i++, block++) {
      const s = i === 0 ? stride : 1;
      const name = `features.${block}.conv`;
      const steps = [];
      if (expansion !== 1) steps.push(conv(`${name}.0.0`, {}));
      const at = expansion === 1 ? 0 : 1;
      steps.push(conv(`${name}.${at}.0`, { stride: s, depthwise: true }));
      steps.push(conv(`${name}.${at + 1}`, { activate: false }));
      const residual = s === 1 && input === output;
      layers.push((x, fused) => {
        const y = steps.reduce((value, step) => step(value, fused), x);
        return residual ? tf.add(x, y) : y;
      });
      input = output;
    }
  }
  layers.push(conv("features.18.0", {}));
  const { weight, bias } = read("classifier.1");
  const head = tf.transpose(weight);
  return (pixels, fused) =>
    tf.tidy(() => {
      const scaled = tf.sub(tf.mul(pixels, 2), 1);
      const features = layers.reduce((value, layer) => layer(value, fused), scaled);
      return tf.add(tf.matMul(tf.mean(features, [1, 2]), head), bias);
    });
}

/** Opens a backend and returns what the bench calls: one forward pass, one FGSM step. */
async function startTfjs(backend, weightsUrl, side, values, label, epsilon) {
  if (backend === "wasm") tf.wasm.setWasmPaths("/@tensorflow/tfjs-backend-wasm/dist/");
  if (!(await tf.setBackend(backend))) throw new Error(`no ${backend} backend`);
  await tf.ready();
  const logits = await tfjsMobileNetV2(weightsUrl);
  const pixels = tf.tensor4d(values, [1, side, side, 3]);
  const loss = (x) => tf.losses.softmaxCrossEntropy(tf.oneHot([label], 5), logits(x, false));
  return {
    async forward() {
      const output = logits(pixels, true);
      const result = Array.from(await output.data());
      output.dispose();
      return result;
    },
    async fgsm() {
      const adversarial = tf.tidy(() => {
        const gradient = tf.grad(loss)(pixels);
        return tf.clipByValue(tf.add(pixels, tf.mul(tf.sign(gradient), epsilon)), 0, 1);
      });
      const result = await adversarial.data();
      adversarial.dispose();
      return result.length;
    },
  };
}
