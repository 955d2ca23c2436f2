/**
 * Asked for by `states_test.ts`: tells what a process finds whose environment describes a machine.
 * @module
 */
import { CUDA_SYMBOLS } from "../../../ffi/cuda.ts";
import { NVRTC_SYMBOLS, type NvrtcSymbols } from "../../../ffi/nvrtc.ts";
import { compileProgram } from "../../../ffi/nvrtc_compile.ts";
import { openStandIn } from "./control.ts";
import { zeroEnded } from "./machine.ts";

const path = Deno.args[0]!;
const driver = Deno.dlopen(path, CUDA_SYMBOLS).symbols;
const nvrtc = Deno.dlopen(path, NVRTC_SYMBOLS).symbols as NvrtcSymbols;
const int = new Int32Array(1), out = new BigUint64Array(1), name = new Uint8Array(64);
const ask = (call: () => number | undefined): number => call() === 0 ? int[0]! : -1;

const init = driver.cuInit!(0);
const found: Record<string, unknown> = {
  init,
  version: ask(() => driver.cuDriverGetVersion!(int)),
};
if (init === 0) {
  found.devices = ask(() => driver.cuDeviceGetCount!(int));
  found.capability = ask(() => driver.cuDeviceGetAttribute!(int, 75, 0)) * 10 +
    ask(() => driver.cuDeviceGetAttribute!(int, 76, 0));
  found.processors = ask(() => driver.cuDeviceGetAttribute!(int, 16, 0));
  driver.cuDeviceGetName!(name, 64, 0);
  found.name = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
  found.beyond = driver.cuDeviceGet!(int, 9);
  driver.cuDevicePrimaryCtxRetain!(out, 0);
  driver.cuCtxSetCurrent!(out[0]!);
  found.tooMuch = driver.cuMemAlloc_v2!(out, 16n << 20n);
  driver.cuDeviceTotalMem_v2!(out, 0);
  found.memory = Number(out[0]);
}
const compiled = compileProgram({ symbols: nvrtc }, {
  source: `extern "C" __global__ void k(float* x) { x[threadIdx.x] = 1.0f; }`,
  name: "k.cu",
  options: ["--gpu-architecture=sm_80"],
});
found.compiled = compiled.code;
found.log = compiled.log;
if (init === 0 && compiled.code === 0) {
  found.cubin = driver.cuModuleLoadData!(out, compiled.cubin);
  found.ptx = driver.cuModuleLoadData!(out, compiled.ptx);
}
if (found.ptx === 0) {
  const standIn = openStandIn(path), module = out[0]!;
  driver.cuModuleGetFunction!(out, module, zeroEnded("k"));
  const kernel = out[0]!;
  driver.cuMemAlloc_v2!(out, 4n);
  const argument = new BigUint64Array([out[0]!]);
  const at = (bytes: BigUint64Array<ArrayBuffer>) =>
    Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  const list = new BigUint64Array([BigInt(at(argument))]);
  driver.cuLaunchKernel!(kernel, 1, 1, 1, 2, 1, 1, 0, 0n, BigInt(at(list)), 0n);
  found.ran = driver.cuCtxSynchronize!();
  found.report = standIn.report();
}
console.log(JSON.stringify(found));
