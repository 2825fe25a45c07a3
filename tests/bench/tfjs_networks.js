// MobileNetV2, EfficientNet-B0 and Lite0 in TensorFlow.js, with the weights that we measure, for the
// bench's page. Plain script: `tf` is the global of TensorFlow.js.

/** [expansion, output channels, repeats, stride, kernel] of each stage. */
const STAGES = {
  // arXiv 1801.04381, table 2.
  mobilenet_v2: [
    [1, 16, 1, 1, 3],
    [6, 24, 2, 2, 3],
    [6, 32, 3, 2, 3],
    [6, 64, 4, 2, 3],
    [6, 96, 3, 1, 3],
    [6, 160, 3, 2, 3],
    [6, 320, 1, 1, 3],
  ],
  // arXiv 1905.11946, table 1.
  efficientnet: [
    [1, 16, 1, 1, 3],
    [6, 24, 2, 2, 3],
    [6, 40, 2, 2, 5],
    [6, 80, 3, 2, 3],
    [6, 112, 3, 1, 5],
    [6, 192, 4, 2, 5],
    [6, 320, 1, 1, 3],
  ],
};
/** Added to a variance in batch norm. */
const NORM_EPSILON = 1e-3;

/** What a network's file calls its layers: `{ conv, norm }`, the norm only where it is not folded. */
const NAMES = {
  mobilenet_v2: {
    stem: { conv: "features.0.0" },
    block: (stage, repeat, index, expands) => {
      const name = `features.${index}.conv`;
      const [filter, project] = expands ? ["1.0", "2"] : ["0.0", "1"];
      const conv = (part) => ({ conv: `${name}.${part}` });
      return { expand: conv("0.0"), filter: conv(filter), project: conv(project) };
    },
    head: { conv: "features.18.0" },
    classifier: "classifier.1",
  },
  efficientnet: {
    stem: { conv: "conv_stem", norm: "bn1" },
    block: (stage, repeat, index, expands) => {
      const name = `blocks.${stage}.${repeat}`;
      const layer = (conv, norm) => ({ conv: `${name}.${conv}`, norm: `${name}.bn${norm}` });
      return {
        expand: layer("conv_pw", 1),
        filter: layer("conv_dw", expands ? 2 : 1),
        squeeze: { conv: `${name}.se.conv_reduce` },
        excite: { conv: `${name}.se.conv_expand` },
        project: expands ? layer("conv_pwl", 3) : layer("conv_pw", 2),
      };
    },
    head: { conv: "conv_head", norm: "bn2" },
    classifier: "classifier",
  },
};

/** Reads a safetensors file; gives back `(name) => values`, and null for what is not there. */
async function loadTensors(url) {
  const buffer = await (await fetch(url)).arrayBuffer();
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  return (name) => {
    const entry = header[name];
    if (!entry) return null;
    const [from, to] = entry.data_offsets.map((offset) => 8 + length + offset);
    const values = entry.dtype === "I8" ? new Int8Array(buffer.slice(from, to)) : new Float32Array(buffer.slice(from, to));
    return { shape: entry.shape, values };
  };
}

/** A layer's weight and bias: unpacked from int8, its batch norm folded in. */
function layerOf(read, { conv, norm }) {
  const { shape, values } = read(`${conv}.weight`);
  const each = values.length / shape[0];
  let scale = read(`${conv}.weight.scale`)?.values ?? new Float32Array(shape[0]).fill(1);
  let bias = read(`${conv}.bias`)?.values;
  if (norm && !bias) {
    const [weight, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(
      (part) => read(`${norm}.${part}`).values,
    );
    scale = scale.map((value, i) => (value * weight[i]) / Math.sqrt(variance[i] + NORM_EPSILON));
    bias = shift.map((value, i) => value - (mean[i] * weight[i]) / Math.sqrt(variance[i] + NORM_EPSILON));
  }
  const weight = Float32Array.from(values, (value, i) => value * scale[Math.floor(i / each)]);
  return { weight: tf.tensor(weight, shape), bias: tf.tensor1d(bias) };
}

const ACTIVATIONS = {
  linear: (x) => x,
  relu6: (x) => tf.relu6(x),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  sigmoid: (x) => tf.sigmoid(x),
};

/** Returns `logits(pixels [n, h, w, 3] in 0..1, fused)`. */
async function tfjsNetwork(network, url) {
  const read = await loadTensors(url);
  const family = network === "mobilenet_v2" ? "mobilenet_v2" : "efficientnet";
  const names = NAMES[family];
  const usual = network === "efficientnet_b0" ? "silu" : "relu6";
  const conv = (layer, { stride = 1, depthwise = false, activation = usual } = {}) => {
    const { weight, bias } = layerOf(read, layer);
    // Ours are [out, in / groups, kh, kw]; theirs [kh, kw, in, out], depthwise [kh, kw, channels, 1].
    const kernel = tf.transpose(weight, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
    const fusible = ["linear", "relu6"].includes(activation);
    return (x, fused) => {
      if (fused && fusible) {
        const options = { x, filter: kernel, strides: stride, pad: "same", bias, activation };
        return depthwise ? tf.fused.depthwiseConv2d(options) : tf.fused.conv2d(options);
      }
      const y = depthwise
        ? tf.depthwiseConv2d(x, kernel, stride, "same")
        : tf.conv2d(x, kernel, stride, "same");
      return ACTIVATIONS[activation](tf.add(y, bias));
    };
  };
  const squeezeExcite = ({ squeeze, excite }) => {
    const reduce = conv(squeeze);
    const expand = conv(excite, { activation: "sigmoid" });
    return (x, fused) => tf.mul(x, expand(reduce(tf.mean(x, [1, 2], true), fused), fused));
  };

  const layers = [conv(names.stem, { stride: 2 })];
  let input = 32;
  let index = 1;
  STAGES[family].forEach(([expansion, output, repeats, firstStride], stage) => {
    for (let repeat = 0; repeat < repeats; repeat++, index++) {
      const stride = repeat === 0 ? firstStride : 1;
      const expands = expansion !== 1;
      const block = names.block(stage, repeat, index, expands);
      const steps = expands ? [conv(block.expand)] : [];
      steps.push(conv(block.filter, { stride, depthwise: true }));
      if (block.squeeze && read(`${block.squeeze.conv}.weight`)) steps.push(squeezeExcite(block));
      steps.push(conv(block.project, { activation: "linear" }));
      const residual = stride === 1 && input === output;
      layers.push((x, fused) => {
        const y = steps.reduce((value, step) => step(value, fused), x);
        return residual ? tf.add(x, y) : y;
      });
      input = output;
    }
  });
  layers.push(conv(names.head));
  const { weight, bias } = layerOf(read, { conv: names.classifier });
  const classifier = tf.transpose(weight);
  return (pixels, fused) =>
    tf.tidy(() => {
      const scaled = tf.sub(tf.mul(pixels, 2), 1);
      const features = layers.reduce((value, layer) => layer(value, fused), scaled);
      return tf.add(tf.matMul(tf.mean(features, [1, 2]), classifier), bias);
    });
}

/** Opens a backend and returns what the bench calls: one forward pass, one FGSM step, PGD. */
async function startTfjs(backend, network, { url, side, pixels, label, epsilon, stepSize }) {
  if (backend === "wasm") tf.wasm.setWasmPaths("/@tensorflow/tfjs-backend-wasm/dist/");
  if (!(await tf.setBackend(backend))) throw new Error(`no ${backend} backend`);
  await tf.ready();
  const logits = await tfjsNetwork(network, url);
  const picture = tf.tensor4d(pixels, [1, side, side, 3]);
  const loss = (x) => tf.losses.softmaxCrossEntropy(tf.oneHot([label], 5), logits(x, false));
  const moved = (x, by) => tf.add(x, tf.mul(tf.sign(tf.grad(loss)(x)), by));
  const [low, high] = [tf.sub(picture, epsilon), tf.add(picture, epsilon)];
  return {
    async forward() {
      const output = logits(picture, true);
      const result = Array.from(await output.data());
      output.dispose();
      return result;
    },
    async fgsm() {
      const adversarial = tf.tidy(() => tf.clipByValue(moved(picture, epsilon), 0, 1));
      const result = await adversarial.data();
      adversarial.dispose();
      return result.length;
    },
    async pgd(steps) {
      let x = tf.tidy(() =>
        tf.clipByValue(tf.add(picture, tf.randomUniform(picture.shape, -epsilon, epsilon)), 0, 1),
      );
      for (let step = 0; step < steps; step++) {
        const next = tf.tidy(() =>
          tf.clipByValue(tf.minimum(tf.maximum(moved(x, stepSize), low), high), 0, 1),
        );
        x.dispose();
        x = next;
      }
      const result = await x.data();
      x.dispose();
      return result.length;
    },
  };
}
