import { compiled } from "./compiled.ts";

await compiled(false);
