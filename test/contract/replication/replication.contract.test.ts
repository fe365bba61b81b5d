/**
 * What replication between regions promises, on three real clusters whose links fail. One mesh serves all files beside this one:
 * it takes seconds to make. A region that is lost comes last.
 */
import { afterAll, afterEach, beforeAll } from "@jest/globals";
import { tryDurability } from "./durability.ts";
import { tryHeartbeats } from "./heartbeats.ts";
import { tryLoss } from "./loss.ts";
import { tryRefusals } from "./refusals.ts";
import { tryRows } from "./rows.ts";
import { closeMesh, mend, openMesh } from "./sharedMesh.ts";
import { trySharing } from "./sharing.ts";

beforeAll(openMesh, 240_000);
afterEach(mend);
afterAll(closeMesh, 60_000);

tryRows();
tryRefusals();
trySharing();
tryHeartbeats();
tryDurability();
tryLoss();
