/**
 * Runs a compiled plan once. A step starts as soon as what it reads is there. Whatever is not exactly as the plan was
 * compiled for (an error, a null where none may be, an answer that cannot be read along its shape) ends the run without
 * an answer: the general executor then does the operation again, with the answers that have come.
 */
import { isUtf8 } from "node:buffer";
import type { SubgraphText } from "../../engine.ts";
import type { RunningOperation } from "../runningOperation.ts";
import type { CompiledPlan, Step } from "./compiledPlan.ts";
import { normaliseAnswer } from "./normaliseAnswer.ts";
import { hasControlCharacter, lengthWithoutBlanks } from "./plainText.ts";
import { ABSENT_ENTITY, PENDING, printVariant, type Source } from "./printer.ts";
import { matchBytes, type Scan, scanFields } from "./scanValue.ts";
import type { SentCalls } from "./sentCalls.ts";
import { CHAIN, type ObjectShape, toByteText, VARIANT } from "./shape.ts";
import { giveBack, intAt, reserve, type Tape, takeTape } from "./tape.ts";

/** The body of the response, one character a byte; undefined when the general executor has to do it. */
export async function runCompiled<Context>(
  plan: CompiledPlan,
  running: RunningOperation<Context>,
  sent: SentCalls,
): Promise<string | undefined> {
  const run = new CompiledRun(plan, running, sent);
  try {
    await new Promise<void>((resolve) => run.start(resolve));
    return run.print();
  } finally {
    giveBack(run.tape);
  }
}

type FamilyState = {
  /** Number of each entity by its representation. */
  readonly numbers: Map<string, number>;
  /** By number less one; 0 where the subgraph has none. */
  readonly records: number[];
  calls: number;
  /** Steps whose entities some of the calls under way bring. */
  waiting: Step[];
};

/** A class, because a run is many small steps on one state, and closures for each would be most of its memory. */
class CompiledRun<Context> implements Source {
  readonly tape: Tape;
  readonly texts: string[] = [];
  readonly entities: number[][] = [];
  readonly memories: (string | undefined)[][] = [];
  readonly repeats: boolean[] = [];
  fault: Source["fault"] = "none";

  private readonly plan: CompiledPlan;
  private readonly running: RunningOperation<Context>;
  private readonly sent: SentCalls;
  private readonly families: FamilyState[] = [];
  /** What each family's entity of another step means for this one, by the memory of a target. */
  private readonly decided: number[][] = [];
  private readonly waitsFor: number[] = [];
  private readonly root: number;
  private stepsLeft: number;
  private isGivenUp = false;
  private answers = 0;
  private finish: () => void = () => {};

  constructor(plan: CompiledPlan, running: RunningOperation<Context>, sent: SentCalls) {
    this.plan = plan;
    this.running = running;
    this.sent = sent;
    this.tape = takeTape(plan.chains);
    for (let index = 0; index < plan.families; index += 1) {
      const records: number[] = [];
      this.entities.push(records);
      this.repeats.push(false);
      this.families.push({ numbers: new Map(), records, calls: 0, waiting: [] });
    }
    for (let index = 0; index < plan.memories; index += 1) {
      this.memories.push([]);
      this.decided.push([]);
    }
    for (const step of plan.steps) this.waitsFor.push(step.waitsFor);
    this.stepsLeft = plan.steps.length;
    this.root = reserve(this.tape, plan.root.size);
    this.tape.ints.fill(0, this.root, this.root + plan.root.size);
  }

  start(finish: () => void): void {
    this.finish = finish;
    if (this.stepsLeft === 0) finish();
    for (const step of this.plan.steps) if (step.waitsFor === 0) this.startStep(step);
  }

  print(): string | undefined {
    if (this.isGivenUp) return undefined;
    const data = printVariant(this, this.plan.printer, this.root);
    const fault = this.takeFault();
    return fault === "none" || fault === "absent" ? `{"data":${data}}` : undefined;
  }

  private takeFault(): Source["fault"] {
    const { fault } = this;
    this.fault = "none";
    return fault;
  }

  private giveUp(): void {
    if (this.isGivenUp) return;
    this.isGivenUp = true;
    this.finish();
  }

  private startStep(step: Step): void {
    if (this.running.request.signal.aborted) {
      this.giveUp();
      return;
    }
    if (step.rootAttachment) this.call(step, "", [], 0);
    else this.askForEntities(step);
  }

  private askForEntities(step: Step): void {
    const state = this.families[step.family.index];
    if (!state) {
      this.giveUp();
      return;
    }
    const first = state.records.length;
    const parts: ObjectShape[] = [];
    let representations = "";
    const { ints } = this.tape;
    for (const { place, variants } of step.targets)
      for (let ref = intAt(ints, place.chain); ref !== 0; ref = intAt(ints, ref + CHAIN)) {
        const target = variants[intAt(ints, ref + VARIANT)];
        if (!target || intAt(ints, ref + target.attachment.offset) !== 0) continue;
        const { printer, attachment, decidedBy, memory } = target;
        const memories = decidedBy < 0 ? undefined : this.decided[memory];
        const decider = memories ? intAt(ints, ref + decidedBy) : 0;
        const known = decider > 0 ? memories?.[decider] : undefined;
        if (known !== undefined) {
          this.repeats[step.family.index] = true;
          ints[ref + attachment.offset] = known;
          continue;
        }
        const text = printVariant(this, printer, ref);
        const fault = this.takeFault();
        if (fault === "unasked") continue;
        if (fault === "unknown") {
          this.giveUp();
          return;
        }
        let number = ABSENT_ENTITY;
        if (fault === "none") {
          number = state.numbers.get(text) ?? 0;
          if (number === 0) {
            parts.push(attachment.part);
            number = state.records.push(PENDING);
            state.numbers.set(text, number);
            representations = representations === "" ? text : `${representations},${text}`;
          } else this.repeats[step.family.index] = true;
        }
        ints[ref + attachment.offset] = number;
        if (memories && decider > 0) memories[decider] = number;
      }
    if (parts.length > 0) {
      state.waiting.push(step);
      this.call(step, representations, parts, first);
    } else if (state.calls > 0) state.waiting.push(step);
    else this.completeStep(step);
  }

  private call(step: Step, representations: string, parts: readonly ObjectShape[], first: number): void {
    const { fetch, family } = step;
    const { transport, request } = this.running;
    const state = this.families[family.index];
    if (!state || !transport.requestText) {
      this.giveUp();
      return;
    }
    const body = this.toBody(step, representations);
    state.calls += 1;
    const { subgraph, operationKind } = fetch;
    const { context, signal } = request;
    const answer = transport.requestText({ subgraph, operationKind, body, context, signal });
    this.sent.add({ subgraph, operationKind, query: fetch.operation, body, parts: step.parts }, answer);
    answer
      .then((text) => this.take(step, state, text, parts, first))
      // What a subgraph failed with, or we: either way the general executor has the last word.
      .catch(() => this.giveUp());
  }

  private take(
    step: Step,
    state: FamilyState,
    answer: SubgraphText,
    parts: readonly ObjectShape[],
    first: number,
  ): void {
    if (this.isGivenUp) return;
    if (!this.receive(step, answer, parts, first)) {
      this.giveUp();
      return;
    }
    state.calls -= 1;
    if (!step.fetch.requires) {
      this.completeStep(step);
      return;
    }
    if (state.calls > 0) return;
    const { waiting } = state;
    state.waiting = [];
    for (const one of waiting) this.completeStep(one);
  }

  /** As JSON.stringify prints it, so that the general executor's body of the same call is the same. */
  private toBody({ head, tail, variables, fetch }: Step, representations: string): string {
    let body = head;
    let comma = "";
    for (const { name, clientName } of variables) {
      const json = JSON.stringify(this.running.request.variables[clientName]);
      if (json === undefined) continue;
      body += `${comma}"${name}":${toByteText(json)}`;
      comma = ",";
    }
    return fetch.requires ? `${body}${comma}"representations":[${representations}]${tail}` : body + tail;
  }

  private receive(step: Step, answer: SubgraphText, parts: readonly ObjectShape[], first: number): boolean {
    if (!answer.isPlain) return false;
    const { bytes } = answer;
    if (isUtf8(bytes) && this.scan(step, bytes, parts, first)) return true;
    const normal = normaliseAnswer(answer, step, parts);
    return normal !== undefined && this.scan(step, normal, parts, first);
  }

  private scan(step: Step, bytes: Buffer, parts: readonly ObjectShape[], first: number): boolean {
    if (hasControlCharacter(bytes, lengthWithoutBlanks(bytes))) return false;
    const text = bytes.toString("latin1");
    const answer = this.answers;
    const scan: Scan = { bytes, text, tape: this.tape, answer, ref: 0, nextEscape: text.indexOf("\\") };
    const top = this.tape.top;
    const end = step.rootAttachment
      ? this.scanRoot(step, scan)
      : this.scanEntities(scan, parts, first, this.entities[step.family.index] ?? []);
    if (end < 0 || end !== lengthWithoutBlanks(bytes)) {
      this.forget(top);
      return false;
    }
    this.answers += 1;
    this.texts.push(text);
    return true;
  }

  /** Takes records from this place on off the tape and out of the chains. */
  private forget(top: number): void {
    const { tape, plan } = this;
    const { ints } = tape;
    tape.top = top;
    for (let head = 1; head < 1 + 2 * plan.chains; head += 2) {
      let last = 0;
      for (let ref = intAt(ints, head); ref !== 0 && ref < top; ref = intAt(ints, ref + CHAIN)) last = ref;
      if (last === 0) ints[head] = 0;
      else ints[last + CHAIN] = 0;
      ints[head + 1] = last;
    }
  }

  private scanRoot({ rootAttachment, family }: Step, scan: Scan): number {
    if (!rootAttachment) return -1;
    const start = matchBytes(scan.bytes, DATA, 0);
    const end = start < 0 ? -1 : scanFields(scan, rootAttachment.part, 0, start);
    if (end < 0) return -1;
    const records = this.entities[family.index];
    if (records) records[0] = scan.ref;
    this.tape.ints[this.root + rootAttachment.offset] = 1;
    return matchBytes(scan.bytes, END_OF_DATA, end);
  }

  private scanEntities(scan: Scan, parts: readonly ObjectShape[], first: number, records: number[]): number {
    const { bytes } = scan;
    let at = matchBytes(bytes, ENTITIES, 0);
    for (let index = 0; index < parts.length && at >= 0; index += 1) {
      const part = parts[index];
      if (!part) return -1;
      if (index > 0) at = matchBytes(bytes, COMMA, at);
      const isNull = at >= 0 && matchBytes(bytes, NULL, at) >= 0;
      if (isNull) {
        at += NULL.length;
        records[first + index] = 0;
      } else {
        at = at < 0 ? -1 : scanFields(scan, part, 0, at);
        records[first + index] = scan.ref;
      }
    }
    return at < 0 ? -1 : matchBytes(bytes, END_OF_ENTITIES, at);
  }

  private completeStep({ waiters }: Step): void {
    this.stepsLeft -= 1;
    for (const waiter of waiters) {
      const left = (this.waitsFor[waiter] ?? 0) - 1;
      this.waitsFor[waiter] = left;
      const step = this.plan.steps[waiter];
      if (left === 0 && step && !this.isGivenUp) this.startStep(step);
    }
    if (this.stepsLeft === 0 && !this.isGivenUp) this.finish();
  }
}

const DATA = Buffer.from('{"data":');
const END_OF_DATA = Buffer.from("}");
const ENTITIES = Buffer.from('{"data":{"_entities":[');
const END_OF_ENTITIES = Buffer.from("]}}");
const COMMA = Buffer.from(",");
const NULL = Buffer.from("null");
