/**
 * The contract of devices, for the CUDA device on the stand-in: with threads and blocks in their
 * natural order, reversed, and shuffled.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { config } from "../../../src/base/flags.ts";
import { createCuda } from "../../../src/device/cuda/mod.ts";
import { contract } from "../contract.ts";
import { isThere, rig } from "./stand_in.ts";

const ORDERS = [["natural", 0], ["reversed", -1], ["shuffled", 7]] as const;

for (const [name, order] of isThere ? ORDERS : []) {
  const { path, standIn, faults } = await rig();
  contract({
    name: `cuda on the stand-in, threads ${name}`,
    make: () => createCuda({ cuda: path, nvrtc: path, cublas: path, cubinCache: "" }),
    enter(what) {
      standIn.order(order);
      // what moves out moves with the gaps between results, which nothing wrote
      standIn.checks(what !== "results outlive the byte budget");
      return () => {
        standIn.checks(true);
        assertEquals(faults(), []);
      };
    },
  });
}

if (isThere) {
  const { path, faults } = await rig();
  const { blas } = config();
  const leave = (): void => {
    config({ blas });
    assertEquals(faults(), []);
  };
  contract({
    name: "cuda on the stand-in without cuBLAS",
    make: () => createCuda({ cuda: path, nvrtc: path, cublas: null, cubinCache: "" }),
    only: /training|linked step/,
    enter() {
      config({ blas: "builtin" });
      return leave;
    },
  });
}
