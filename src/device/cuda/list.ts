/**
 * The GPUs of this machine, as `devices()` lists them.
 *
 * @module
 */
import { listDevices, NativeLibraryError, openDriver } from "../../../ffi/mod.ts";
import { flag } from "../../base/flags.ts";
import type { ListedDevice } from "../device.ts";

/** Every GPU that the driver shows; one entry that says why where there is none. */
export function listCuda(): readonly ListedDevice[] {
  const none = (reason: string): ListedDevice[] => [
    { name: "cuda", kind: "NVIDIA GPU", memory: null, reason },
  ];
  try {
    const { value, reason } = openDriver({ path: flag("cuda") });
    if (value === null) return none(reason);
    return listDevices(value).map(({ ordinal, name, bytes }) => ({
      name: `cuda:${ordinal}`,
      kind: name,
      memory: bytes,
      reason: null,
    }));
  } catch (e) {
    if (e instanceof NativeLibraryError) return none(e.message);
    throw e;
  }
}
