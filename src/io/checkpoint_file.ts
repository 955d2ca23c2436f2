/**
 * The file of a checkpoint: made, written whole, told from others, opened, and read into what is there.
 *
 * @module
 */
import { writeWhole } from "../formats/files.ts";
import type { Safetensors } from "../formats/safetensors.ts";
import { METADATA } from "../models/weights.ts";
import { Decoder, Encoder, type Node } from "./state.ts";

/** What the metadata of a checkpoint tell. */
export interface About {
  readonly kind: "checkpoint";
  readonly version: 1;
  readonly state: Node;
  /** What the manager noted: the step and the figures. */
  readonly note: Node;
}

/** What a checkpoint holds; the values are copied. */
export function encodeCheckpoint(state: object, note: object): Safetensors {
  const encoder = new Encoder();
  const about: About = {
    kind: "checkpoint",
    version: 1,
    state: encoder.encode(state),
    note: new Encoder().encode(note),
  };
  return { tensors: encoder.tensors, metadata: { [METADATA]: JSON.stringify(about) } };
}

/** Writes a checkpoint, whole or not at all. */
export async function writeCheckpoint(file: string, encoded: Safetensors): Promise<void> {
  const { formatSealed } = await import("../formats/sealed.ts");
  await writeWhole(file, formatSealed(encoded));
}

/** What the metadata tell; null where they are not those of a checkpoint. */
export function readAbout(metadata: Readonly<Record<string, string>>): About | null {
  try {
    const about = JSON.parse(metadata[METADATA] ?? "null") as About | null;
    return about?.kind === "checkpoint" && about.version === 1 ? about : null;
  } catch {
    return null;
  }
}

/** A checkpoint whose checksum is right. */
export interface Opened {
  readonly file: string;
  readonly tensors: Safetensors["tensors"];
  readonly about: About;
}

/** Checks the bytes of a checkpoint. */
export async function openCheckpoint(bytes: Uint8Array, file: string): Promise<Opened> {
  const { parseSealed } = await import("../formats/sealed.ts");
  const { tensors, metadata } = parseSealed(bytes, file);
  const about = readAbout(metadata);
  if (about !== null) return { file, tensors, about };
  throw new TypeError(
    `Cannot restore ${file}: it is no checkpoint: read weights with model.loadWeights, other ` +
      `arrays with io.loadSafetensors`,
  );
}

/** The state and the note of a checkpoint; the variables of the target are assigned. */
export function restoreInto(
  { file, tensors, about }: Opened,
  target: unknown,
): { state: unknown; note: unknown } {
  const decoder = new Decoder(file, tensors);
  const state = decoder.decode(about.state, target);
  const note = decoder.decode(about.note, null);
  decoder.assign();
  return { state, note };
}
