/** `npm run test:deferred`: other operations each time; a failure prints its seed. */
import { describeParts } from "../testing/describeParts.ts";

describeParts({ queries: 400, mutations: 80, timeoutMs: 1_800_000 });
