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
export { cleanOAuth, deleteOldOAuth, hasRoomForClient } from "./clean.ts";
export { decideConsent, viewConsent } from "./consent.ts";
export { fetchDocument, type FetchDocument } from "./fetch-document.ts";
export { createProvider, DEFAULTED, METADATA_PATH, ROUTES } from "./provider.ts";
export { CREDENTIALS_TOPIC } from "./records.ts";
