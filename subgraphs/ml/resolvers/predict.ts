import { chooseVersion } from "../domain/registry/chooseVersion.ts";
import { predictWindow } from "../domain/registry/predictWindow.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";
import { noPrediction } from "./noPrediction.ts";

export const predict: NonNullable<QueryResolvers["predict"]> = async (
  _root,
  { model = "country-risk", country },
  { loaders, versions },
) => {
  if ((await loaders.modelByCode.load(model)) === null) return noPrediction("NO_SUCH_MODEL", model);
  const serving = await loaders.servingOfModel.load(model);
  const versionId = serving && chooseVersion(serving, country);
  const version = versionId && (await versions.load(versionId));
  if (!version) return noPrediction("NO_TRAINED_VERSION", model);
  const window = await loaders.window.load(country);
  if (!window) return noPrediction("NOTHING_HEARD", country);
  return { __typename: "Prediction", ...predictWindow(versionId, version, window, new Date()) };
};
