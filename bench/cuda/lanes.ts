/**
 * Yardsticks on a GPU, as works of glissade's contestant: its kernels alone, the bare products and
 * copies of a work, one product of cuBLAS, one copy.
 *
 * @module
 */
import { digest, fill, size, type Sizes } from "../peers/contestants/inputs.ts";
import type { Work } from "../peers/contestants/serve.ts";
import { Bare, type Product } from "./bare.ts";
import { bareWorks, OwnKernels, planOf } from "./watch.ts";

/** Makes a work of glissade's. */
type Make = (sizes: Sizes) => Work;

let bare: Bare | null = null;

/** A work that asks for something each time and waits at the end. */
function asked(ask: () => void, on: Bare, check: () => number[] = () => []): Work {
  return {
    run(reps) {
      for (let i = 0; i < reps; i++) ask();
      on.wait();
    },
    check,
  };
}

/** The kernels of a work one by one: what its steps would take if nothing stood between kernels. */
function kernelsAlone(work: Work): Work {
  const own = new OwnKernels(() => void work.run(1));
  return { run: (reps) => own.run(reps), check: () => [] };
}

/** The products of a work by cuBLAS, and copies of the bytes that its other steps move. */
function leastOf(work: Work): Work {
  const works = bareWorks(planOf(() => void work.run(1)));
  bare ??= new Bare();
  return asked(bare.graph(works), bare);
}

function product(sizes: Sizes): Work {
  const on = bare ??= new Bare();
  const n = size(sizes, "n");
  const dtype = sizes.dtype === "float64" ? "float64" : "float32";
  const Values = dtype === "float64" ? Float64Array : Float32Array;
  const [a, b, c] = [1, 2, 3].map(() => on.reserve(n * n * Values.BYTES_PER_ELEMENT));
  const at = [a!, b!, c!] as const;
  [1, 2].forEach((seed, i) => on.write(at[i]!, fill(new Values(n * n), seed)));
  const call: Product = {
    name: "gemm",
    dtype,
    ta: false,
    tb: false,
    m: n,
    n,
    k: n,
    batch: 1,
    beta: 0,
    ...sizes.precision === "tf32" ? { precision: "tf32" } : {},
  };
  const ask = on.product(call, at);
  return asked(ask, on, () => {
    ask();
    return digest(on.read(at[2], new Values(n * n)));
  });
}

function copy(sizes: Sizes): Work {
  const on = bare ??= new Bare();
  return asked(on.copy(4 * size(sizes, "count")), on);
}

/** What measures `kind` in a lane of the GPU; undefined where that does not apply. */
export function yardstick(lane: string, kind: string, make: Make | undefined): Make | undefined {
  if (lane === "copy") return kind === "chain" ? copy : undefined;
  if (lane === "cublas" && kind === "matmul") return product;
  if (make === undefined) return undefined;
  return (sizes) => (lane === "kernels" ? kernelsAlone : leastOf)(make(sizes));
}

/** The lanes that {@linkcode yardstick} knows. */
export const yardsticks: readonly string[] = ["kernels", "cublas", "copy"];
