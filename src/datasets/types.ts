/**
 * What sets of images take and give.
 *
 * @module
 */
import type { HostArray } from "../base/host_array.ts";

/** Where the files of an image set are taken from. */
export interface ImageSetOptions {
  /**
   * A folder of the four idx files, packed with gzip or not, or an npz archive as Keras has it.
   */
  path?: string | URL | undefined;
  /**
   * The same, at an http, https or file URL. Fetched files are kept in the user's cache directory
   * where reading the environment and writing there are permitted.
   */
  url?: string | URL | undefined;
  /**
   * SHA-256 in hex that the npz file must have, or a record of such by the name of the file (of
   * idx files: as found, so with .gz where it has that).
   */
  sha256?: string | Readonly<Record<string, string>> | undefined;
}

/** Images, uint8 of shape [n, 28, 28], and their digits, uint8 of shape [n]. */
export type ImageSplit = [images: HostArray, labels: HostArray];
