/** A short run; `npm run test:deferred` is the long one. */
import { describeParts } from "../testing/describeParts.ts";

describeParts({ queries: 20, mutations: 8, seed: 20_226, timeoutMs: 120_000 });
