import { describe, expect, test } from "@jest/globals";
import { AppError } from "../errors.ts";
import { preventCsrf } from "./preventCsrf.ts";

const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";
const check = (headers: Readonly<Record<string, string>>) => () => preventCsrf((name) => headers[name]);

describe("lets through a GET", () => {
  test.each([
    ["of a program", {}],
    ["of curl", { "user-agent": "curl/8.14.1", accept: "*/*" }],
    ["of Node's fetch", { "user-agent": "node", "sec-fetch-mode": "cors", accept: "*/*" }],
    ["that a person typed into a browser", { "user-agent": browser, "sec-fetch-site": "none" }],
    ["of a page of ours", { "user-agent": browser, "sec-fetch-site": "same-origin" }],
    [
      "that Apollo Client marked",
      { "user-agent": browser, "sec-fetch-site": "cross-site", "x-apollo-operation-name": "A" },
    ],
    [
      "that was preflighted",
      { "user-agent": browser, origin: "https://a.test", "apollo-require-preflight": "1" },
    ],
    [
      "with a bearer token",
      { "user-agent": browser, "sec-fetch-site": "cross-site", authorization: "Bearer x" },
    ],
  ])("%s", (_title, headers) => {
    expect(check(headers)).not.toThrow();
  });
});

describe("refuses a GET", () => {
  test.each([
    ["of another site", { "user-agent": browser, "sec-fetch-site": "cross-site" }],
    ["of a sibling domain", { "user-agent": browser, "sec-fetch-site": "same-site" }],
    ["of a browser that does not say for whom", { "user-agent": browser }],
    ["with an origin", { origin: "https://evil.test" }],
    ["with a cookie, which only browsers add by themselves", { cookie: "session=1" }],
    ["with a referer", { referer: "https://evil.test/" }],
    [
      "with credentials that browsers add by themselves",
      { "user-agent": browser, authorization: "Basic eA==" },
    ],
    [
      "with any content type, which some browsers let pages set without a preflight (GHSA-hff2-gcpx-8f4p)",
      { "user-agent": browser, "sec-fetch-site": "cross-site", "content-type": "application/json" },
    ],
    [
      "with an odd content type (GHSA-hff2-gcpx-8f4p)",
      { "user-agent": browser, "sec-fetch-site": "cross-site", "content-type": "message/x; a=b" },
    ],
    [
      "with an accept header, which pages may set freely",
      { "user-agent": browser, "sec-fetch-site": "cross-site", accept: "application/graphql-response+json" },
    ],
    ["with an empty preflight header", { "user-agent": browser, "apollo-require-preflight": "" }],
  ])("%s", (_title, headers) => {
    expect(check(headers)).toThrow(AppError);
    expect(check(headers)).toThrow("apollo-require-preflight");
  });
});
