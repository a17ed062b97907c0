import { z } from "zod";
import { pageOf, route } from "#server/edge/rest/route.ts";
import { drainAll, forgetEnded, listPods, podEvents, podStats, releasePod, scalePool } from "./admin-pods.ts";
import {
  ListPodEvents,
  ListPods,
  PodEventView,
  PodRef,
  PodStats,
  PodView,
  Released,
  ReleasePod,
  ScalePool,
} from "./schema.ts";

const TAG = "Pods";

export const podRoutes = [
  route({
    method: "GET",
    path: "/admin/nr-pods",
    permission: "admin.read",
    tag: TAG,
    summary: "The Node-RED pods, newest first",
    query: ListPods,
    response: pageOf(PodView),
    handle: ({ deps, query }) => listPods(deps, query),
  }),
  route({
    method: "GET",
    path: "/admin/nr-pods/stats",
    permission: "admin.read",
    tag: TAG,
    summary: "How many there are, and how many wait",
    response: PodStats,
    handle: ({ deps }) => podStats(deps),
  }),
  route({
    method: "GET",
    path: "/admin/nr-pods/events",
    permission: "admin.read",
    tag: TAG,
    summary: "What happened to them, newest first",
    query: ListPodEvents,
    response: pageOf(PodEventView),
    handle: ({ deps, query }) => podEvents(deps, query),
  }),
  route({
    method: "POST",
    path: "/admin/nr-pods/{id}/release",
    permission: "admin.write",
    tag: TAG,
    summary: "Ends a pod",
    description: "One that works is protected: 409 `pod.busy` says what it does. With `force` that is interrupted.",
    params: PodRef,
    body: ReleasePod.omit({ id: true }).nullable(),
    response: Released,
    errors: { 409: "It works" },
    handle: ({ deps, actor, params, body }) => releasePod(deps, actor, { id: params.id, force: body?.force ?? false }),
  }),
  route({
    method: "POST",
    path: "/admin/nr-pods/cleanup",
    permission: "admin.write",
    tag: TAG,
    summary: "Forgets pods that are over",
    response: z.object({ removed: z.number() }),
    handle: ({ deps }) => forgetEnded(deps),
  }),
  route({
    method: "POST",
    path: "/admin/nr-pods/drain-all",
    permission: "admin.write",
    tag: TAG,
    summary: "Ends all pods but those that work",
    response: z.object({ released: z.number(), busy: z.number() }),
    handle: ({ deps, actor }) => drainAll(deps, actor),
  }),
  route({
    method: "POST",
    path: "/admin/nr-pods/pool/scale",
    permission: "admin.write",
    tag: TAG,
    summary: "Sets how many pods are kept warm",
    body: ScalePool,
    response: PodStats,
    handle: ({ deps, actor, body }) => scalePool(deps, actor, body),
  }),
];
