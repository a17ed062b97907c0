export { modelStatus, modelTopic, refuseWhenSaturated, reportModels } from "./model-status.ts";
