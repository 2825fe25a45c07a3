// MobileNetV2's tensors in timm's names, from torchvision's.

const REPEATS = [1, 2, 3, 4, 3, 3, 1];
const PARTS = {
  // torchvision's place in a block -> timm's convolution and batch norm, by the block's expansion.
  plain: { "0.0": "conv_dw", "0.1": "bn1", 1: "conv_pw", 2: "bn2" },
  expanded: {
    "0.0": "conv_pw",
    "0.1": "bn1",
    "1.0": "conv_dw",
    "1.1": "bn2",
    2: "conv_pwl",
    3: "bn3",
  },
};
const OUTER = {
  "features.0.0": "conv_stem",
  "features.0.1": "bn1",
  "features.18.0": "conv_head",
  "features.18.1": "bn2",
  "classifier.1": "classifier",
};

/** `features.2.conv.0.0.weight` is `blocks.1.0.conv_pw.weight`. */
export function timmName(name) {
  for (const [from, to] of Object.entries(OUTER)) {
    if (name.startsWith(`${from}.`)) return to + name.slice(from.length);
  }
  const [, block, part, tensor] = /^features\.(\d+)\.conv\.(\d(?:\.\d)?)\.(.+)$/.exec(name);
  let index = Number(block) - 1;
  const stage = REPEATS.findIndex((count) => index < count || ((index -= count), false));
  const parts = block === "1" ? PARTS.plain : PARTS.expanded;
  return `blocks.${stage}.${index}.${parts[part]}.${tensor}`;
}
