import { route } from "../../edge/rest/route.ts";
import { plantState } from "./plant-state.ts";
import { PlantState } from "./schema.ts";

export const plantRoutes = [
  route({
    method: "GET",
    path: "/api/plant",
    permission: "plant.read",
    tag: "Plant",
    summary: "The plant as its tools tell it now",
    description:
      "OEE by machine, orders at risk, low stock and open alarms, at most 5 s old. A view whose tool is missing or fails is `unavailable` and says why; the others show.",
    response: PlantState,
    handle: ({ deps, actor }) => plantState(deps, actor),
  }),
];
