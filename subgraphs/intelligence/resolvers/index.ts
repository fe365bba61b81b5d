import { DateTime } from "../../shared/scalars.ts";
import type { Resolvers } from "../generated/resolvers.ts";
import { Connector } from "./Connector.ts";
import { Country, Region } from "./Country.ts";
import * as entities from "./Entity.ts";
import { FusedRisk } from "./FusedRisk.ts";
import { Indicator, Observation } from "./Indicator.ts";
import { Mutation } from "./Mutation.ts";
import { Query } from "./Query.ts";
import { IngestTally, QuarantinedSignal, RegionIngestion } from "./RegionIngestion.ts";
import * as assessments from "./RiskAssessment.ts";
import { ImportRun, Signal, SignalConnection, Source } from "./Signal.ts";
import { Subscription } from "./Subscription.ts";

export const resolvers: Resolvers = {
  Query,
  Mutation,
  Subscription,
  Signal,
  SignalConnection,
  Source,
  ImportRun,
  Connector,
  ...entities,
  Indicator,
  Observation,
  ...assessments,
  FusedRisk,
  Country,
  Region,
  RegionIngestion,
  IngestTally,
  QuarantinedSignal,
  DateTime,
};
