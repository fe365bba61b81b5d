/** The shop's rows. Every row holds all its fields; an Error among them is a resolver that fails. */

export type Row = { readonly __typename: string; readonly [field: string]: unknown };

type Mutable = { __typename: string; [field: string]: unknown };

const brands = ["acme", "zeta"].map((code) => ({ __typename: "Brand", code, label: code.toUpperCase() }));

const users: Mutable[] = ["u1", "u2", "u3"].map((id, at) => ({
  __typename: "User",
  id,
  name: at === 2 ? null : `Name ${id}`,
  badge: at === 1 ? new Error("badge unreadable") : `B-${id}`,
}));

const guest: Row = { __typename: "Guest", id: "g1", badge: "guest", host: users[0] };

const media: Mutable[] = [
  { __typename: "Book", id: "m1", title: "Rivers", kind: "PAPER", pages: 320, author: users[0], rating: 4.5 },
  {
    __typename: "Film",
    id: "m2",
    title: null,
    kind: "SCREEN",
    minutes: 90,
    cast: [users[1], users[2]],
    rating: 3,
  },
  { __typename: "Book", id: "m3", title: "Maps", kind: "PAPER", pages: null, author: null, rating: null },
];

const variants = ["v1", "v2", "v3"].map((id, at) => ({
  __typename: "Variant",
  id,
  color: at === 1 ? null : `color ${id}`,
  left: at * 3,
}));

const products: Mutable[] = ["p1", "p2", "p3"].map((id, at) => ({
  __typename: "Product",
  id,
  sku: `sku-${at % 2}`,
  brand: brands[at === 2 ? 1 : 0],
  name: at === 1 ? null : `Product ${id}`,
  dimensions: at === 1 ? null : { __typename: "Dimensions", size: at + 2, weight: at === 2 ? null : 1.5 },
  parts:
    [[{ weight: 4 }, null, { weight: null }], null, []][at]?.map(
      (part) => part && { __typename: "Part", ...part },
    ) ?? null,
  tags: [["a", null, "b"], [], null][at],
  variants: [[[variants[0], null], [], null, [variants[1]]], null, [[variants[2], variants[0]]]][at],
  media: [media[0], media[1], null][at],
  broken: at === 0 ? new Error("broken part") : at,
  fragile: at === 2 ? new Error("fragile part") : at,
  inStock: at !== 1,
  reserved: at,
}));

const warehouses: Mutable[] = [
  { __typename: "Warehouse", city: "Lyon", products: [products[0], null, products[1]], lead: users[1] },
  { __typename: "Warehouse", city: null, products: [], lead: null },
];

const reviews: Mutable[] = ["r1", "r2", "r3", "r4"].map((id, at) => ({
  __typename: "Review",
  id,
  body: at === 1 ? new Error("body lost") : `Text ${id}`,
  score: at === 2 ? null : at + 1,
  author: users[at % 3],
  product: at === 3 ? null : products[at],
  about: at % 2 === 0 ? media[at / 2] : null,
}));

for (const user of users) {
  user.friends = user.id === "u1" ? [users[1], null, users[0]] : user.id === "u2" ? [] : null;
  user.favourite = user.id === "u3" ? null : media[user.id === "u1" ? 1 : 0];
  user.reviews = [...reviews.filter((review) => review.author === user), null];
}
for (const product of products) {
  product.warehouse = product.id === "p3" ? null : warehouses[0];
  product.reviews = reviews.filter((review) => review.product === product);
  product.flawed = product.id === "p2" ? [null, new Error("one flawed"), reviews[3]] : null;
}
for (const item of media) {
  item.reviews = reviews.filter((review) => review.about === item);
  item.fans = users.filter((user) => user.favourite === item);
}

export const rows = { users, guest, media, variants, products, warehouses, reviews } as const;
