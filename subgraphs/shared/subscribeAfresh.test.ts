import { expect, test } from "@jest/globals";
import { buildSchema, parse } from "graphql";
import { subscribeAfresh } from "./subscribeAfresh.ts";

const schema = buildSchema("type Query { n: Int } type Subscription { n: Int }");
const document = parse("subscription { n }");

/** Two events, then silence until it is let go. */
function createSource() {
  let letGo: () => void = () => undefined;
  const silence = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isLetGo = false;
  let sent = 0;
  return {
    wasLetGo: () => isLetGo,
    events: {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          sent += 1;
          if (sent <= 2) return { done: false as const, value: {} };
          await silence;
          return { done: true as const, value: undefined };
        },
        return: async () => {
          isLetGo = true;
          letGo();
          return { done: true as const, value: undefined };
        },
      }),
    },
  };
}

async function subscribe(events: AsyncIterable<unknown>, createContext: () => unknown) {
  const answer = await subscribeAfresh(
    {
      schema,
      document,
      rootValue: { n: () => events },
      fieldResolver: (_event, _args, context) => context.number,
    },
    createContext,
  );
  if (!(Symbol.asyncIterator in answer)) throw new Error("expected a stream");
  return answer;
}

test("every event is answered with a context of its own", async () => {
  const source = createSource();
  let number = 0;
  const answers = await subscribe(source.events, () => ({ number: ++number }));
  const seen = [(await answers.next()).value, (await answers.next()).value];
  expect(seen).toEqual([{ data: { n: 2 } }, { data: { n: 3 } }]);
  await answers.return?.();
});

test("lets go of a silent source at once when the client leaves", async () => {
  const source = createSource();
  const answers = await subscribe(source.events, () => ({ number: 1 }));
  await answers.next();
  await answers.next();
  const waiting = answers.next();
  await answers.return?.();
  expect(source.wasLetGo()).toBe(true);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test("answers a source that cannot be opened with the error", async () => {
  const failing = {
    schema,
    document,
    rootValue: {
      n: () => {
        throw new Error("no log");
      },
    },
  };
  const answer = await subscribeAfresh(failing, () => ({}));
  expect(answer).toMatchObject({ errors: [{ message: "no log" }] });
});
