/**
 * What a worker of the pool does, and the words of shared memory by which it is told. Its source is
 * one self-contained text, started from a data: URL, so that it needs no file and no permission.
 *
 * @module
 */
import { MOST_NUMBERS } from "../../../ffi/call_code.ts";
import { HOST_FUNCTIONS } from "./emit_host.ts";
import { type NativeProduct, type NativeRange, runRange } from "./native_range.ts";

/**
 * Where the words of the control block lie. Those that threads write at the same time are 64 bytes
 * apart. A job's words are only written while the gate is closed and nobody is inside.
 */
export const CONTROL = {
  /** Bit 30: open. Below: how many workers are inside of the job. */
  gate: 0,
  /** Counts jobs; what idle workers wait for. */
  job: 16,
  /** The next unit that nobody has taken. */
  next: 32,
  extent: 48,
  /** Units that are taken at a time. */
  grain: 49,
  /** Calls in the job's list. */
  calls: 50,
  /** 1 asks workers to end. */
  stop: 51,
  /** Bytes of the log of modules. */
  logged: 53,
  /** How many workers have started. */
  ready: 64,
  /** The number of the worker that failed; 0 while all is well. */
  fault: 80,
  /** The call that it failed in, and the bytes of its message. */
  faultCall: 81,
  faultBytes: 82,
  /** One word for each worker: pieces that it has done. */
  progress: 96,
  /** The message of a fault, UTF-8. */
  message: 256,
  /** For each call of the job: its module, the number of its arguments, which of them is scratch of a
   * thread's own (or -1), the bytes between the scratch of two threads, then the arguments. */
  list: 512,
  /** Words in all. */
  words: 512 + 8192,
} as const;

/** The bit of the gate that says open. */
export const OPEN = 1 << 30;
/** Bytes of the message of a fault. */
export const MESSAGE_BYTES = (CONTROL.list - CONTROL.message) * 4;
/** Workers that a pool can have. */
export const MOST_WORKERS = CONTROL.message - CONTROL.progress;

/** What a worker is started with. */
export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  /** Modules one behind the other: number, bytes (as int32), then the bytes, at multiples of 4. */
  readonly log: SharedArrayBuffer;
  readonly memory: WebAssembly.Memory;
  /** 1 for the first worker: thread 0 is the one that makes jobs. */
  readonly thread: number;
  /** How often an idle worker looks for a job before it sleeps. */
  readonly spins: number;
}

/**
 * What stands in the log, as JSON, instead of a module: the matrix product of a native library, for a
 * range of pieces of contiguous matrices: {@linkcode NativeRange} without its range are its arguments.
 */
export interface NativeGemm {
  readonly library: string;
  readonly symbol: "cblas_sgemm" | "cblas_dgemm";
  /** The address of the memory's first byte. */
  readonly base: string;
}

/** What else stands in the log instead of a module: machine code that takes the memory's address. */
export interface NativeCode {
  /** Where it is. */
  readonly code: string;
  /** The address of the memory's first byte. */
  readonly base: string;
  /** The C library whose `bsearch` calls it, as in `ffi/call_code.ts`. */
  readonly library: string;
}

/** The body of a worker. It is sent as text: nothing outside of it can be named. */
function serve(
  { control, log, memory, thread, spins }: WorkerStart,
  at: typeof CONTROL,
  open: number,
  messageBytes: number,
  hosts: Record<string, unknown>,
  range: typeof runRange,
  mostNumbers: number,
): void {
  const words = new Int32Array(control);
  const pause = (Atomics as { pause?: () => void }).pause ?? (() => {});
  type Run = (...args: number[]) => void;
  /** Null is a native library that this thread cannot open: it leaves such jobs to the others. */
  const functions = new Map<number, Run | null>();
  type Products = Record<NativeGemm["symbol"], NativeProduct>;
  const libraries = new Map<string, Products>();
  const env = { memory, ...hosts };
  let read = 0;
  let seen = 0;

  /** A library's products, each called from its own text: one call for both takes 0.3 us more. */
  const productsOf = (library: string): Products => {
    const known = libraries.get(library);
    if (known !== undefined) return known;
    const ints = ["i32", "i32", "i32"] as const;
    const [matrix, result] = [["usize", "i32"], "void"] as const;
    const f32 = [...ints, ...ints, "f32", ...matrix, ...matrix, "f32", ...matrix] as const;
    const f64 = [...ints, ...ints, "f64", ...matrix, ...matrix, "f64", ...matrix] as const;
    const { sgemm, dgemm } = Deno.dlopen(library, {
      sgemm: { name: "cblas_sgemm", parameters: f32, result },
      dgemm: { name: "cblas_dgemm", parameters: f64, result },
    }).symbols;
    const products: Products = {
      cblas_sgemm: (ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) =>
        sgemm(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc),
      cblas_dgemm: (ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) =>
        dgemm(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc),
    };
    libraries.set(library, products);
    return products;
  };
  const native = ({ library, symbol, base }: NativeGemm): Run | null => {
    const [start, size] = [BigInt(base), symbol === "cblas_sgemm" ? 4 : 8];
    try {
      const product = productsOf(library)[symbol];
      return (...args) => range(product, start, size, args as NativeRange);
    } catch {
      return null;
    }
  };

  type CallCode = (base: bigint, code: bigint, args: readonly number[]) => void;
  let callCode: CallCode | null | undefined;
  const codeCaller = (library: string): CallCode | null => {
    try {
      const address = ["usize", "usize"] as const;
      const parameters = [...address, ...address, "usize"] as const;
      const { bsearch } = Deno.dlopen(library, { bsearch: { parameters, result: "void" } }).symbols;
      const numbers = new Int32Array(mostNumbers);
      const at = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(numbers)));
      return (base, code, args) => {
        numbers.set(args);
        bsearch(at, base, 1n, 1n, code);
      };
    } catch {
      return null;
    }
  };
  const machine = ({ code, base, library }: NativeCode): Run | null => {
    callCode = callCode === undefined ? codeCaller(library) : callCode;
    const [call, from, at] = [callCode, BigInt(base), BigInt(code)];
    return call === null ? null : (...args) => call(from, at, args);
  };

  const learn = (): void => {
    const end = Atomics.load(words, at.logged);
    const headers = new Int32Array(log);
    while (read < end) {
      const id = headers[read / 4]!;
      const length = headers[read / 4 + 1]!;
      const bytes = new Uint8Array(log, read + 8, length).slice();
      if (bytes[0] === 0x7b) {
        const told = JSON.parse(new TextDecoder().decode(bytes)) as NativeGemm | NativeCode;
        functions.set(id, "code" in told ? machine(told) : native(told));
      } else {
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
        functions.set(id, (exports["part"] ?? exports["run"]) as Run);
      }
      read += 8 + Math.ceil(length / 4) * 4;
    }
  };

  const work = (told: (call: number) => void): void => {
    const [extent, grain, count] = [words[at.extent]!, words[at.grain]!, words[at.calls]!];
    const calls: { run: Run; args: number[] }[] = [];
    for (let i = 0, w = at.list as number; i < count; i++) {
      told(i);
      const [id, length, own, apart] = words.subarray(w, w + 4) as unknown as number[];
      const args = Array.from(words.subarray(w + 4, w + 4 + length!));
      if (own! >= 0) args[own!] = args[own!]! + thread * apart!;
      if (!functions.has(id!)) learn();
      const run = functions.get(id!)!;
      if (run === null) return;
      calls.push({ run, args });
      w += 4 + length!;
    }
    for (;;) {
      const begin = Atomics.add(words, at.next, grain);
      if (begin >= extent) return;
      const end = Math.min(extent, begin + grain);
      for (let i = 0; i < count; i++) {
        const { run, args } = calls[i]!;
        told(i);
        run(...args, begin, end);
      }
      Atomics.add(words, at.progress + thread, 1);
    }
  };

  const report = (error: unknown, call: number): void => {
    const text = new TextEncoder().encode(String(error)).subarray(0, messageBytes);
    if (Atomics.compareExchange(words, at.fault, 0, thread) !== 0) return;
    new Uint8Array(control, at.message * 4, messageBytes).set(text);
    words[at.faultBytes] = text.length;
    words[at.faultCall] = call;
    Atomics.store(words, at.next, words[at.extent]!);
  };

  Atomics.add(words, at.ready, 1);
  Atomics.notify(words, at.ready);
  for (;;) {
    for (let spun = 0; Atomics.load(words, at.job) === seen;) {
      if (++spun < spins) pause();
      else Atomics.wait(words, at.job, seen);
    }
    seen = Atomics.load(words, at.job);
    if (Atomics.load(words, at.stop) !== 0) return;
    let gate = Atomics.load(words, at.gate);
    while ((gate & open) !== 0) {
      const found = Atomics.compareExchange(words, at.gate, gate, gate + 1);
      if (found === gate) break;
      gate = found;
    }
    if ((gate & open) === 0) continue;
    let call = 0;
    try {
      work((i) => call = i);
    } catch (error) {
      report(error, call);
    } finally {
      if (Atomics.sub(words, at.gate, 1) === 1) Atomics.notify(words, at.gate);
    }
  }
}

/** The text of a worker's module. */
export function workerSource(): string {
  const hosts = Object.entries(HOST_FUNCTIONS).map(([name, f]) => `${name}: ${f}`).join(",\n");
  const given = [JSON.stringify(CONTROL), OPEN, MESSAGE_BYTES, `{${hosts}}`, runRange, MOST_NUMBERS]
    .join(", ");
  return `import { workerData } from "node:worker_threads";\n(${serve})(workerData, ${given});\n`;
}
