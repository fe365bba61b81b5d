/** Lets a worker thread that a test starts run our TypeScript sources, as Jest does in its own thread. */
import { register } from "node:module";

register("./typescriptHooks.mjs", import.meta.url);
