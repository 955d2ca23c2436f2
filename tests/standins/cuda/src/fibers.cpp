// Context switches: twenty instructions on x86-64, the system's own functions elsewhere.
#include "fibers.h"

#include <sys/mman.h>

#include "state.h"

void (*fiberMain)() = nullptr;
Fiber *currentFiber = nullptr;
static vector<Fiber *> idleFibers;
static const size_t stackBytes = 64 << 10, guardBytes = 4096;

extern "C" __attribute__((weak)) void __asan_unpoison_memory_region(const void *, size_t);

#if defined(__x86_64__)
asm(R"(
.text
.globl standin_switch
.hidden standin_switch
.type standin_switch,@function
standin_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size standin_switch, .-standin_switch
)");
extern "C" void standin_switch(void **save, void *next);
static void *schedulerPlace;

// Six saved registers, the address to return to, and a null return address for what runs there.
static void prepare(Fiber *fiber) {
  void **top = (void **)((u64)fiber->high & ~63ull);
  *--top = nullptr;
  *--top = (void *)fiberMain;
  for (int i = 0; i < 6; i++) *--top = nullptr;
  fiber->place = top;
}
void enterFiber(Fiber *fiber) {
  currentFiber = fiber;
  standin_switch(&schedulerPlace, fiber->place);
}
void leaveFiber() { standin_switch(&currentFiber->place, schedulerPlace); }
#else
#include <ucontext.h>
static ucontext_t scheduler;
static void prepare(Fiber *fiber) {
  ucontext_t *context = fiber->place ? (ucontext_t *)fiber->place : new ucontext_t;
  getcontext(context);
  context->uc_stack.ss_sp = fiber->low;
  context->uc_stack.ss_size = fiber->high - fiber->low;
  context->uc_link = nullptr;
  makecontext(context, fiberMain, 0);
  fiber->place = context;
}
void enterFiber(Fiber *fiber) {
  currentFiber = fiber;
  swapcontext(&scheduler, (ucontext_t *)fiber->place);
}
void leaveFiber() { swapcontext((ucontext_t *)currentFiber->place, &scheduler); }
#endif

Fiber *takeFiber() {
  if (!idleFibers.empty()) {
    Fiber *fiber = idleFibers.back();
    idleFibers.pop_back();
    fiber->idle = false;
    return fiber;
  }
  char *stack = (char *)mmap(nullptr, stackBytes + guardBytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  mprotect(stack, guardBytes, PROT_NONE);
  Fiber *fiber = new Fiber{nullptr, stack + guardBytes, stack + guardBytes + stackBytes, -1, false};
  prepare(fiber);
  return fiber;
}
void returnFiber(Fiber *fiber) {
  fiber->idle = true;
  idleFibers.push_back(fiber);
}
void resetFiber(Fiber *fiber) {
  if (fiber->idle) return;
  if (__asan_unpoison_memory_region) __asan_unpoison_memory_region(fiber->low, fiber->high - fiber->low);
  prepare(fiber);
  returnFiber(fiber);
}
