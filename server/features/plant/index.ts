export { plantState } from "./plant-state.ts";
