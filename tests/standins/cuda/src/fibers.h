// One stack per CUDA thread that waits, and the switch between them.
#pragma once

struct Fiber {
  void *place;  // where it goes on
  char *low, *high;
  int thread;
  bool idle;
};
// What fibers run; it never returns.
extern void (*fiberMain)();
extern Fiber *currentFiber;
Fiber *takeFiber();
void returnFiber(Fiber *fiber);
// Makes a fiber that was left in the middle of a kernel start anew.
void resetFiber(Fiber *fiber);
void enterFiber(Fiber *fiber);   // from the scheduler, until the fiber leaves
void leaveFiber();               // back to the scheduler
