// Prints every dataset of results as JSON, as h5wasm or jsfive reads it under node:
// node read.mjs h5wasm|jsfive FILE..., with the packages in a folder of NODE_PATH.
// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

const [reader, ...paths] = process.argv.slice(2);
const shown = (value) => (typeof value === "string" ? value : String(value));
const flat = (value) => Array.from(typeof value === "object" ? value : [value], shown);

async function withH5wasm() {
  // import does not look into NODE_PATH.
  const folders = (process.env.NODE_PATH ?? "").split(delimiter);
  const script = folders.map((folder) => join(folder, "h5wasm/dist/node/hdf5_hl.js")).find(existsSync);
  const h5wasm = await import(pathToFileURL(script));
  await h5wasm.ready;
  return (path) => {
    const file = new h5wasm.File(path, "r");
    const datasets = file.paths().filter((name) => file.get(name) instanceof h5wasm.Dataset);
    return Object.fromEntries(datasets.map((name) => [`/${name}`, flat(file.get(name).value)]));
  };
}

function withJsfive() {
  const { File, Dataset } = createRequire(import.meta.url)("jsfive");
  const visit = (group, prefix) =>
    group.keys.flatMap((name) => {
      const item = group.get(name);
      return item instanceof Dataset ? [[prefix + name, flat(item.value)]] : visit(item, `${prefix}${name}/`);
    });
  return (path) => {
    const bytes = readFileSync(path);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    return Object.fromEntries(visit(new File(buffer), "/"));
  };
}

const read = reader === "h5wasm" ? await withH5wasm() : withJsfive();
console.log(JSON.stringify(Object.fromEntries(paths.map((path) => [path, read(path)]))));
