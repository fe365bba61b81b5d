/** A graph as wide as large companies have: some subgraphs, each with hundreds of types, most of which are shared entities. */

export type WideSubgraph = { readonly name: string; readonly sdl: string };

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n`;
const rootFields = 40;

/** Half of each subgraph's types are entities of all subgraphs, half are its own. */
export function createWideGraph(subgraphs: number, types: number): WideSubgraph[] {
  const entities = Math.floor(types / 2);
  return range(subgraphs).map((at) => {
    const roots = range(rootFields).map((root) => `root${at}_${root}: Entity${(root * 7 + at) % entities}`);
    const parts = [
      `${link}type Query { ${roots.join(" ")} }`,
      ...range(entities).map((entity) => toEntity(entity, at, entities)),
      ...range(types - entities).map((own) => toOwn(own, at, entities)),
    ];
    return { name: `s${at}`, sdl: parts.join("\n") };
  });
}

/** An operation of `roots` root fields, each followed through all subgraphs. */
export function createWideOperation(name: string, subgraphs: number, roots: number): string {
  const fields = range(subgraphs).map((at) => `name${at} next${at} { id name${(at + 1) % subgraphs} }`);
  const selections = range(roots).map((root) => `root0_${root} { id ${fields.join(" ")} }`);
  return `query ${name} { ${selections.join(" ")} }`;
}

function toEntity(entity: number, at: number, entities: number): string {
  return `type Entity${entity} @key(fields: "id") {
    id: ID!
    name${at}: String
    size${at}(unit: Int): Int
    next${at}: Entity${(entity * 3 + at + 1) % entities}
    all${at}: [Entity${(entity + at) % entities}!]!
    own${at}: Own${at}_${entity}
  }`;
}

function toOwn(own: number, at: number, entities: number): string {
  return `type Own${at}_${own} { text: String number: Int entity: Entity${own % entities} }`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
