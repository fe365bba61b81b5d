import { DateTime } from "../../shared/scalars.ts";
import type { Resolvers } from "../generated/resolvers.ts";
import { Mutation } from "./Mutation.ts";
import { Node } from "./Node.ts";
import { Query } from "./Query.ts";
import { RegionOrder, RegionSighting } from "./regionHealth.ts";
import { Subscription } from "./Subscription.ts";
import * as types from "./types.ts";

export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  Node,
  DateTime,
  RegionSighting,
  RegionOrder,
  ...types,
};
