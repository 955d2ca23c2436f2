/**
 * Small machine code for x86-64, `int code(const int32_t* numbers, char* base)`, as an assembler wrote
 * it.
 *
 * @module
 */
import { machineCode, processor } from "../../ffi/mod.ts";

/** Why tests of machine code do not run here, for their names; "" where they do. */
export const NO_CODE = machineCode() === null ? " (not here: no machine code on this machine)" : "";

/** Why tests of AVX-512 do not run here, for their names; "" where they do. */
export const NO_AVX512 = processor().avx512 ? "" : " (not here: the processor has no AVX-512)";

/** Copies so many numbers to base + the first of them. */
export function copyNumbers(count: number): Uint8Array<ArrayBuffer> {
  // deno-fmt-ignore
  return Uint8Array.of(
    0x8b, 0x07,                // mov eax, [rdi]
    0x48, 0x89, 0xfa,          // mov rdx, rdi
    0x48, 0x8d, 0x3c, 0x06,    // lea rdi, [rsi+rax]
    0x48, 0x89, 0xd6,          // mov rsi, rdx
    0xb9, count, 0, 0, 0,      // mov ecx, count
    0xf3, 0xa5,                // rep movsd
    0x31, 0xc0,                // xor eax, eax
    0xc3,                      // ret
  );
}

/** Adds 1 to the int32 of each unit, with address, begin and end; they lie one behind the other. */
// deno-fmt-ignore
export const COUNT_UNITS = Uint8Array.of(
  0x8b, 0x07,                // mov eax, [rdi]
  0x8b, 0x4f, 0x04,          // mov ecx, [rdi+4]
  0x8b, 0x57, 0x08,          // mov edx, [rdi+8]
  0x48, 0x01, 0xc6,          // add rsi, rax
  0x48, 0x8d, 0x34, 0x8e,    // lea rsi, [rsi+rcx*4]
  0x39, 0xd1,                // 1: cmp ecx, edx
  0x73, 0x0a,                // jae 2
  0xff, 0x06,                // inc dword [rsi]
  0x48, 0x83, 0xc6, 0x04,    // add rsi, 4
  0xff, 0xc1,                // inc ecx
  0xeb, 0xf2,                // jmp 1
  0x31, 0xc0,                // 2: xor eax, eax
  0xc3,                      // ret
);

/** Sums two arrays of float32 into a third, in units of 16, with their addresses, begin and end. */
// deno-fmt-ignore
export const ADD_FLOATS = Uint8Array.of(
  0x8b, 0x07,                                  // mov eax, [rdi]
  0x44, 0x8b, 0x47, 0x04,                      // mov r8d, [rdi+4]
  0x44, 0x8b, 0x4f, 0x08,                      // mov r9d, [rdi+8]
  0x8b, 0x4f, 0x0c,                            // mov ecx, [rdi+12]
  0x8b, 0x57, 0x10,                            // mov edx, [rdi+16]
  0x48, 0x01, 0xf0,                            // add rax, rsi
  0x49, 0x01, 0xf0,                            // add r8, rsi
  0x49, 0x01, 0xf1,                            // add r9, rsi
  0x39, 0xd1,                                  // 1: cmp ecx, edx
  0x73, 0x20,                                  // jae 2
  0x41, 0x89, 0xca,                            // mov r10d, ecx
  0x49, 0xc1, 0xe2, 0x06,                      // shl r10, 6
  0x62, 0xb1, 0x7c, 0x48, 0x10, 0x04, 0x10,    // vmovups zmm0, [rax+r10]
  0x62, 0x91, 0x7c, 0x48, 0x58, 0x04, 0x10,    // vaddps zmm0, zmm0, [r8+r10]
  0x62, 0x91, 0x7c, 0x48, 0x11, 0x04, 0x11,    // vmovups [r9+r10], zmm0
  0xff, 0xc1,                                  // inc ecx
  0xeb, 0xdc,                                  // jmp 1
  0xc5, 0xf8, 0x77,                            // 2: vzeroupper
  0x31, 0xc0,                                  // xor eax, eax
  0xc3,                                        // ret
);
