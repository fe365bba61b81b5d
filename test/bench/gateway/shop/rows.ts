/**
 * The shop of the public gateway benchmark (ChilliCream/graphql-gateway-benchmarks: 6 users, 9 products, 11 reviews):
 * the same counts, prices, weights and lengths of text, so that the heavy query's answer has the published size.
 */
export type User = {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly birthday: number;
};
export type Product = {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly description: string;
};
export type Review = { readonly id: string; readonly body: string; readonly upc: string };

export const users: readonly User[] = ["ada", "bob", "cleo", "dan", "eve", "finn"].map((username, index) => ({
  id: String(index + 1),
  name: `${username[0]?.toUpperCase()}${username.slice(1)} Example`,
  username,
  birthday: 1_234_567_890,
}));

const goods: readonly (readonly [name: string, price: number, weight: number])[] = [
  ["Table", 899, 100],
  ["Couch", 1_299, 1_000],
  ["Glass", 15, 20],
  ["Chair", 499, 100],
  ["TV", 1_299, 1_000],
  ["Lamp", 6_999, 300],
  ["Grill", 3_999, 2_000],
  ["Fridge", 100_000, 6_000],
  ["Sofa", 9_999, 800],
];

export const products: readonly Product[] = goods.map(([name, price, weight], index) => ({
  upc: String(index + 1),
  name,
  price,
  weight,
  description: sentence(300),
}));

const stocked = new Set(["1", "5", "6", "7", "9"]);

/** Product of each review and length of its text. */
const said: readonly (readonly [upc: string, length: number])[] = [
  ["1", 445],
  ["1", 289],
  ["1", 269],
  ["1", 142],
  ["2", 445],
  ["2", 289],
  ["2", 269],
  ["2", 142],
  ["3", 142],
  ["4", 142],
  ["4", 866],
];

export const reviews: readonly Review[] = said.map(([upc, length], index) => ({
  id: String(index + 1),
  upc,
  body: sentence(length),
}));

/** Beyond the nine, products are made up by number. */
export function findProduct(upc: string): Product {
  const known = products[Number(upc) - 1];
  if (known) return known;
  const number = Number(upc);
  return {
    upc,
    name: `Product ${upc}`,
    price: (number * 37) % 5_000,
    weight: (number * 53) % 2_000,
    description: sentence(300),
  };
}

export function catalogue(first: number): readonly Product[] {
  return Array.from({ length: first }, (_, index) => findProduct(String(index + 1)));
}

export function isInStock(upc: string): boolean {
  return stocked.has(upc) || Number(upc) % 2 === 0;
}

export function estimateShipping(price: number, weight: number): number {
  return price > 1_000 ? 0 : Math.floor(weight / 2);
}

function sentence(length: number): string {
  return "a plain sentence about a thing that somebody bought and used for a while "
    .repeat(20)
    .slice(0, length);
}
