import { DateTime } from "../../shared/scalars.ts";
import type { Resolvers } from "../generated/resolvers.ts";
import { Mutation } from "./Mutation.ts";
import { Query } from "./Query.ts";
import { Subscription } from "./Subscription.ts";
import * as types from "./types.ts";

export const resolvers: Resolvers = { Query, Mutation, Subscription, DateTime, ...types };
