/**
 * The stand-in answers at the edges as it is recorded that the libraries do.
 * @module
 */
import { assertEquals } from "@std/assert";
import { ownStandIn, standInProblem } from "./build.ts";
import { openStandIn } from "./control.ts";
import { Machine } from "./machine.ts";
import { answer, questions, recorded } from "./truth.ts";

const path = await ownStandIn();
if (path === null) console.warn(`${standInProblem()}: its tests are skipped`);

Deno.test({
  name: "the stand-in answers as recorded",
  ignore: path === null,
  async fn() {
    const libraries = { cuda: path!, nvrtc: path!, cublas: path! };
    const machine = new Machine(libraries), control = openStandIn(path!);
    const answers: Record<string, unknown> = {};
    for (const name of Object.keys(questions)) {
      answers[name] = await answer(machine, libraries, name);
      machine.driver.cuCtxSetCurrent(machine.context);
      control.revive();
    }
    assertEquals(answers, await recorded());
  },
});
