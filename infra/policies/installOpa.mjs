/** `npm run policy:install` */
import { installOpa } from "./opa.mjs";

console.log(installOpa());
