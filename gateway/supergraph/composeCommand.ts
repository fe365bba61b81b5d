/** `npm run compose`: prints the supergraph, or why there is none. Resolves to the exit code. */
import { composeSupergraph } from "./composeSupergraph.ts";
import type { Environment } from "./parseComposeConfig.ts";
import { parseSupergraph } from "./parseSupergraph.ts";
import { readSecurityRules } from "./securityRules.ts";
import { SupergraphError } from "./supergraphError.ts";

export type ComposeCommandOptions = {
  readonly configPath: string;
  readonly environment: Environment;
  readonly printResult: (text: string) => void;
  readonly printProblem: (text: string) => void;
};

/** What composes must also load: a supergraph that the gateway would refuse at its start is refused here. */
export async function composeCommand(options: ComposeCommandOptions): Promise<0 | 1> {
  const { configPath, environment, printResult, printProblem } = options;
  try {
    const { sdl, hints } = await composeSupergraph(configPath, environment);
    readSecurityRules(parseSupergraph(sdl, configPath));
    for (const hint of hints) printProblem(`hint: ${hint}`);
    printResult(sdl);
    return 0;
  } catch (error) {
    if (!(error instanceof SupergraphError)) throw error;
    printProblem(error.message);
    return 1;
  }
}
