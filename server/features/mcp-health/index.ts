export { reportServices } from "./service-reports.ts";
