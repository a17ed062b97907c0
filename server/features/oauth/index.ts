export {
  challenge,
  covers,
  describedResource,
  describeResource,
  resourceOfPath,
  resourceOfUrl,
  type ResourcePath,
} from "./resources.ts";
export { OAUTH_TOKEN } from "./records.ts";
