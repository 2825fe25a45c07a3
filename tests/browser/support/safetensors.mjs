// Reads, writes and renames safetensors: eight bytes of header length, a JSON header, then the data.
import { gunzipSync } from "node:zlib";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The folder of the reference data; null where there is none. */
export function referenceData() {
  const folder = resolve(
    process.env.RESILIENT_REFERENCE_DATA ??
      new URL("../../../../shared/data", import.meta.url).pathname,
  );
  return existsSync(folder) ? folder : null;
}

export function readFile(path) {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The tensors of a file: name -> { dtype, shape, data }. */
export function tensors(bytes) {
  const { header, start } = split(bytes);
  const found = new Map();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [from, to] = data_offsets.map((offset) => start + offset);
    found.set(name, { dtype, shape, data: typed(dtype, bytes.subarray(from, to)) });
  }
  return found;
}

/** A file with these tensors of F32: name -> { shape, data }. */
export function writeTensors(tensors) {
  const header = {};
  const parts = [];
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, (end += data.byteLength)] };
    parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  return join(header, Buffer.concat(parts));
}

/** The same file with its tensors renamed. */
export function renameTensors(bytes, rename) {
  const { header, start } = split(bytes);
  const renamed = Object.fromEntries(
    Object.entries(header).map(([name, entry]) => [
      name === "__metadata__" ? name : rename(name),
      entry,
    ]),
  );
  return join(renamed, bytes.subarray(start));
}

/** The same file with a description of itself. */
export function describeFile(bytes, description) {
  const { header, start } = split(bytes);
  return join({ ...header, __metadata__: description }, bytes.subarray(start));
}

function join(header, data) {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

function split(bytes) {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  return { header: JSON.parse(bytes.subarray(8, start).toString()), start };
}

function typed(dtype, bytes) {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "I64":
      return new BigInt64Array(buffer);
    case "U8":
      return new Uint8Array(buffer);
    case "I8":
      return new Int8Array(buffer);
    default:
      throw new Error(`no reader for ${dtype}`);
  }
}
