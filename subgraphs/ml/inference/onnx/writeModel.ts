/**
 * An ONNX file (https://onnx.ai/onnx/repo-docs/IR.html; field numbers are those of onnx.proto) out of nodes and
 * constant tensors. One input, `rows`, and one output, `scores`; both have a row for each subject.
 */
import { bytes, type Field, floats, message, toFloats, toWholeNumbers, varint, varints } from "./protobuf.ts";

export type OnnxNode = {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** `ai.onnx.ml` for trees; the default domain otherwise. */
  readonly domain?: string;
};

export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "ints"; readonly values: readonly number[] }
  | { readonly kind: "floats"; readonly values: readonly number[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "strings"; readonly values: readonly string[] };

/** 32-bit floats, or 64-bit whole numbers where an operator wants a shape. */
export type Constant = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly values: ArrayLike<number> }
  | { readonly wholeNumbers: readonly number[] }
);

export type OnnxGraph = {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly Constant[];
  /** Values in a row of `rows`. */
  readonly inputs: number;
  /** Values in a row of `scores`. */
  readonly outputs: number;
};

export const inputName = "rows";
export const outputName = "scores";

/** Old enough for every runtime of the last years, new enough for all that is used. */
const irVersion = 8;
const operatorSets = [
  { domain: "", version: 17 },
  { domain: "ai.onnx.ml", version: 3 },
] as const;
/** TensorProto.DataType */
const float32 = 1;
const int64 = 7;

export function writeModel({ nodes, constants, inputs, outputs }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, toNode(node))),
    bytes(2, "atlas"),
    ...constants.map((constant) => message(5, toTensor(constant))),
    message(11, toValueInfo(inputName, inputs)),
    message(12, toValueInfo(outputName, outputs)),
  ];
  return Buffer.concat([
    varint(1, irVersion),
    bytes(2, "atlas"),
    message(7, graph),
    ...operatorSets.map(({ domain, version }) => message(8, [bytes(1, domain), varint(2, version)])),
  ]);
}

function toNode({ operator, inputs, outputs, attributes = {}, domain = "" }: OnnxNode): Field[] {
  return [
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, operator),
    ...Object.entries(attributes).map(([name, attribute]) => message(5, toAttribute(name, attribute))),
    bytes(7, domain),
  ];
}

/** Field 20 says which of the others holds the value (AttributeProto.AttributeType). */
function toAttribute(name: string, attribute: Attribute): Field[] {
  switch (attribute.kind) {
    case "int":
      return [bytes(1, name), varint(3, attribute.value), varint(20, 2)];
    case "string":
      return [bytes(1, name), bytes(4, attribute.value), varint(20, 3)];
    case "floats":
      return [bytes(1, name), floats(7, attribute.values), varint(20, 6)];
    case "ints":
      return [bytes(1, name), varints(8, attribute.values), varint(20, 7)];
    case "strings":
      return [bytes(1, name), ...attribute.values.map((value) => bytes(9, value)), varint(20, 8)];
  }
}

function toTensor(constant: Constant): Field[] {
  const [type, content] =
    "values" in constant
      ? ([float32, toFloats(constant.values)] as const)
      : ([int64, toWholeNumbers(constant.wholeNumbers)] as const);
  return [varints(1, constant.shape), varint(2, type), bytes(8, constant.name), bytes(9, content)];
}

/** Float32, `[rows, width]`; how many rows there are is said when it runs. */
function toValueInfo(name: string, width: number): Field[] {
  const shape = [message(1, [bytes(2, "count")]), message(1, [varint(1, width)])];
  return [bytes(1, name), message(2, [message(1, [varint(1, float32), message(2, shape)])])];
}
