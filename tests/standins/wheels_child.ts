/** Asks for a wheel in a process of its own and prints what it got. @module */
import { type Wheel, wheel, type WheelOptions } from "./wheels.ts";

const [wanted, options] = JSON.parse(Deno.args[0]!) as [Wheel, WheelOptions];
console.log(JSON.stringify(await wheel(wanted, options)));
