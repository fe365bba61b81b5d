/** Resolvers of the four subgraphs, and of the same shop as one schema: what every gateway has to answer. */
import { catalogue, estimateShipping, findProduct, isInStock, products, reviews, users } from "./rows.ts";

type Key = { readonly id: string };
type Upc = { readonly upc: string };
type Weighed = Upc & { readonly price: number; readonly weight: number };

const findUser = (id: string) => users.find((user) => user.id === id) ?? null;
const reviewsOfUser = () => reviews.slice(0, 2);
const reviewsOfProduct = ({ upc }: Upc) => reviews.filter((review) => review.upc === upc);
const shippingEstimate = ({ price, weight }: Weighed) => estimateShipping(price, weight);

const accountsQuery = {
  me: () => users[0],
  user: (_root: unknown, { id }: Key) => findUser(id),
  users: () => users,
};
const productsQuery = {
  topProducts: (_root: unknown, { first }: { first: number }) => products.slice(0, first),
  catalogue: (_root: unknown, { first }: { first: number }) => catalogue(first),
};
const reviewAdded = {
  subscribe: async function* (_root: unknown, { perSecond }: { perSecond: number }) {
    for (let number = 1; ; number += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 / perSecond));
      const review = reviews[number % reviews.length];
      yield { reviewAdded: { ...review, id: String(number) } };
    }
  },
};

export const subgraphResolvers = {
  accounts: { Query: accountsQuery, User: { __resolveReference: ({ id }: Key) => findUser(id) } },
  products: { Query: productsQuery, Product: { __resolveReference: ({ upc }: Upc) => findProduct(upc) } },
  inventory: {
    Product: {
      __resolveReference: (reference: Upc) => reference,
      inStock: ({ upc }: Upc) => isInStock(upc),
      shippingEstimate,
    },
  },
  reviews: {
    Subscription: { reviewAdded },
    Review: {
      __resolveReference: ({ id }: Key) => reviews.find((review) => review.id === id) ?? null,
      product: ({ upc }: Upc) => ({ upc }),
      author: () => ({ id: "1", username: users[0]?.username }),
    },
    User: { __resolveReference: ({ id }: Key) => ({ id }), reviews: reviewsOfUser },
    Product: { __resolveReference: ({ upc }: Upc) => ({ upc }), reviews: reviewsOfProduct },
  },
};

export const monolithResolvers = {
  Query: { ...accountsQuery, ...productsQuery },
  Subscription: { reviewAdded },
  User: { reviews: reviewsOfUser },
  Product: { inStock: ({ upc }: Upc) => isInStock(upc), shippingEstimate, reviews: reviewsOfProduct },
  Review: { product: ({ upc }: Upc) => findProduct(upc), author: () => users[0] },
};

export const monolithSdl = `
  type Query { me: User user(id: ID!): User users: [User] topProducts(first: Int = 5): [Product] catalogue(first: Int!): [Product] }
  type Subscription { reviewAdded(perSecond: Float!): Review }
  type User { id: ID! name: String username: String birthday: Int reviews: [Review] }
  type Product { upc: String! name: String price: Int weight: Int description: String inStock: Boolean shippingEstimate: Int reviews: [Review] }
  type Review { id: ID! body: String product: Product author: User }
`;
