import type { NoPredictionReason } from "../generated/resolvers.ts";

export type NoPrediction = {
  readonly __typename: "NoPrediction";
  readonly reason: NoPredictionReason;
  readonly message: string;
};

/** `about` is the model's code or the country's. */
export function noPrediction(reason: NoPredictionReason, about: string): NoPrediction {
  return { __typename: "NoPrediction", reason, message: explain(reason, JSON.stringify(about.slice(0, 80))) };
}

function explain(reason: NoPredictionReason, about: string): string {
  switch (reason) {
    case "NO_SUCH_MODEL":
      return `expected the code of a model; got ${about}`;
    case "NO_TRAINED_VERSION":
      return `no version of ${about} answers: train one (startFederatedRun) and promote it (promote)`;
    case "NOT_ABOUT_A_COUNTRY":
      return "expected an assessment of a country; this one is about something else";
    case "NOTHING_HEARD":
      return `no signal about ${about} was ever heard`;
    case "NOT_YET":
      return `the prediction for ${about} is being computed; ask again in a moment`;
  }
}
