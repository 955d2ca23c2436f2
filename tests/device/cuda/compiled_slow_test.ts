import { compiled } from "./compiled.ts";

await compiled(true);
