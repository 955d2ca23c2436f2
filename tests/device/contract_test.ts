/**
 * The contract of devices, for each implementation there is.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { config } from "../../src/base/flags.ts";
import { createCpu } from "../../src/device/cpu/mod.ts";
import { createCuda } from "../../src/device/cuda/mod.ts";
import { createReference } from "../../src/device/reference/mod.ts";
import { contract } from "./contract.ts";

const initial = config().blas;

/** Puts a way to compute products in force. */
const choose = (blas: "auto" | "builtin") => (): () => void => {
  config({ blas });
  return () => {
    config({ blas: initial });
  };
};

contract({ name: "reference", make: createReference });
contract({
  name: "cpu, built-in products, one thread",
  make: () => createCpu({ threads: 1 }),
  enter: choose("builtin"),
});
contract({
  name: "cpu, built-in products, three threads that share all they can",
  make: () => createCpu({ threads: 3, eager: true, worth: 0 }),
  enter: choose("builtin"),
});
contract({ name: "cpu, the BLAS that is found", make: () => createCpu(), enter: choose("auto") });
contract({
  name: "cpu, the BLAS that is found, three threads that share all they can",
  make: () => createCpu({ threads: 3, eager: true, worth: 0 }),
  enter: choose("auto"),
});

// a real one, where tests are to run on it
const { device } = config();
if (device.startsWith("cuda")) {
  const ordinal = Number(device.split(":")[1] ?? 0);
  contract({ name: device, make: () => createCuda({ ordinal }) });
}

Deno.test("the CPU computes products with what was chosen, and says why", () => {
  const device = createCpu();
  const leave = choose("builtin")();
  try {
    assertEquals(device.describe().blas, "builtin");
    assert(device.describe().reason.includes("asked for"));
    config({ blas: "auto" });
    device.reconfigure();
    const info = device.describe();
    // with no library the suite above has run on the built-in products; the reason says so
    if (info.path === null) assertEquals(info.blas, "builtin");
    else assert(info.blas !== "builtin" && info.reason.includes(info.path));
    assert(info.reason.length > 10, info.reason);
  } finally {
    leave();
  }
});
