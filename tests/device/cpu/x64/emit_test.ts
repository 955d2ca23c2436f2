/**
 * Kernels as machine code do what those of WebAssembly do, or are refused.
 *
 * @module
 */
import { claim } from "../emitter_claims.ts";
import { MACHINE_CODE } from "./machine_code.ts";

claim(MACHINE_CODE);
