import { ACTIONS, failEach, failMaking, failWaiting, SMALL } from "./failures.ts";
import { onStandIn } from "./stand_in.ts";

const CLAIM = "whichever native call fails is told, leaves nothing, and can be done again";

onStandIn(`making the device: ${CLAIM}`, failMaking, SMALL);
for (const action of ACTIONS) {
  onStandIn(`${action.name}: ${CLAIM}`, (rig) => failEach(rig, action, false), SMALL);
}
onStandIn("waiting beside the program: whichever native call fails is told", failWaiting, SMALL);
