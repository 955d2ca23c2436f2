/**
 * Made-up idx files of MNIST's names and sizes, so that no test needs the network.
 *
 * @module
 */

function header(...sizes: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * sizes.length);
  bytes.set([0, 0, 8, sizes.length]);
  const view = new DataView(bytes.buffer);
  sizes.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  return bytes;
}

/** Writes the four files, not packed, into a folder. */
export function writeIdxFiles(folder: string): void {
  for (const [name, rows] of [["train", 60000], ["t10k", 10000]] as const) {
    const images = new Uint8Array(rows * 784);
    for (let i = 0; i < images.length; i++) images[i] = (i * 2654435761) >>> 24;
    const labels = new Uint8Array(rows).map((_, i) => (i * 7) % 10);
    write(`${folder}/${name}-images-idx3-ubyte`, header(rows, 28, 28), images);
    write(`${folder}/${name}-labels-idx1-ubyte`, header(rows), labels);
  }
}

function write(path: string, head: Uint8Array, body: Uint8Array): void {
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  Deno.writeFileSync(path, all);
}
