/** The shop's four subgraphs: keys of one and several fields, interface objects, @requires over lists, @provides. */

export const catalog = `
  type Query {
    products: [Product]
    product(id: ID!): Product
    media: [Media!]
    search(kinds: [Kind!] = [PAPER, SCREEN], filter: Filter): [SearchResult]
    grid: [[Product]]
    strict: [Product!]
  }
  type Mutation { rename(id: ID!, name: String!): Product count: Int! }
  type Subscription { productChanged(first: Int = 2): Product }
  input Filter { max: Int = 10 }
  enum Kind { PAPER SCREEN }
  interface Media @key(fields: "id") { id: ID! title: String kind: Kind }
  type Book implements Media @key(fields: "id") { id: ID! title: String kind: Kind pages: Int author: User }
  type Film implements Media @key(fields: "id") { id: ID! title: String kind: Kind minutes: Int! cast: [User!] }
  union SearchResult = Product | Book | Film | User
  type Product @key(fields: "id") @key(fields: "sku brand { code }") {
    id: ID!
    sku: String!
    brand: Brand!
    name(upper: Boolean = false): String
    dimensions: Dimensions @shareable
    parts: [Part] @shareable
    tags: [String]
    variants: [[Variant]]
    media: Media
    broken: Int
    fragile: Int!
  }
  type Brand @shareable { code: String! label: String }
  type Part @shareable { weight: Int }
  type Dimensions @shareable { size: Int weight: Float }
  type Variant @key(fields: "id") { id: ID! color: String }
  type User @key(fields: "id") { id: ID! }
`;

export const stock = `
  type Query { warehouses: [Warehouse] }
  type Mutation { restock(id: ID!): Product }
  type Warehouse { city: String products: [Product] lead: User }
  type Product @key(fields: "id") {
    id: ID!
    dimensions: Dimensions @external
    parts: [Part] @external
    inStock: Boolean
    shipping(express: Boolean = false): Int @requires(fields: "dimensions { size weight } parts { weight }")
    warehouse: Warehouse
    reserved: Int!
  }
  type Dimensions @shareable { size: Int weight: Float }
  type Part @shareable { weight: Int }
  type User @key(fields: "id", resolvable: false) { id: ID! }
  type Variant @key(fields: "id") { id: ID! left: Int! }
`;

export const reviews = `
  type Query { latest: [Review] topRated: [Media] }
  type Review @key(fields: "id") {
    id: ID!
    body: String
    score: Int
    author: User @provides(fields: "name")
    product: Product
    about: Media
  }
  type Product @key(fields: "sku brand { code }") {
    sku: String!
    brand: Brand!
    reviews(first: Int = 2): [Review!]
    flawed: [Review]
  }
  type Brand @shareable { code: String! }
  type User @key(fields: "id") { id: ID! name: String @external reviews: [Review] }
  type Media @key(fields: "id") @interfaceObject { id: ID! rating: Float reviews: [Review] }
`;

export const people = `
  type Query { me: User people: [Person] }
  interface Person { id: ID! badge: String }
  type User implements Person @key(fields: "id") {
    id: ID!
    name: String @shareable
    badge: String
    friends: [User]
    favourite: Media
    reviews: [Review] @external
    score: Int @requires(fields: "reviews { score }")
  }
  type Guest implements Person { id: ID! badge: String host: User }
  type Review @key(fields: "id") { id: ID! score: Int @external }
  type Media @key(fields: "id") @interfaceObject { id: ID! fans: [User!] }
`;
