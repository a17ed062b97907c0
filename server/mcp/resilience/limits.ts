import { setTimeout as sleep } from "node:timers/promises";
import type { Registry } from "prom-client";
import { AppError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Exchange, ExchangeResult, Next, Stage, Target } from "../exchange.ts";
import { boundsOf, type Bounds } from "./bounds.ts";
import { Breaker } from "./breaker.ts";
import { Gate, Turned, type Place } from "./gate.ts";
import { serviceMetrics } from "./metrics.ts";
import { delayBefore, hasAnswered, isUpstreamFailure, mayRepeat } from "./retry.ts";
import { Latencies, noCounts, type ServiceState } from "./service-state.ts";

export interface Limits {
  /** Bounds, breaker and repetition around every exchange. Throws `limited` (`upstream.busy`), `unavailable` (`upstream.broken`). */
  stage: Stage;
  /** Of upstreams that were called since the start; of one: undefined where it never was. */
  states(): Map<string, ServiceState>;
}

interface Service {
  /** What it was made from: a change of the policy makes another. */
  key: string;
  name: string;
  title: string;
  bounds: Bounds;
  breaker: Breaker;
  gate: Gate;
  counts: ServiceState["counts"];
  latencies: Latencies;
  /** By the steady clock. */
  usedAt: number;
}

/** Upstreams that are remembered, as a rule. */
const MOST_SERVICES = 1_000;

interface Options {
  log: Log;
  metrics?: Registry;
  /** Milliseconds of a steady clock. */
  now?: () => number;
}

/**
 * Protects each upstream from its callers, and callers from each other and from an upstream that hangs. Order: an open
 * breaker refuses at once; then room (concurrency, buckets) is waited for; then the breaker is asked again, since it may
 * have opened meanwhile. Each repetition goes through all of it.
 */
export function createLimits({ log, metrics, now = () => performance.now() }: Options): Limits {
  const services = new Map<string, Service>();

  const serviceOf = ({ id, name, title, policy }: UpstreamDefinition): Service => {
    const bounds = boundsOf(policy);
    const key = JSON.stringify(bounds);
    const known = services.get(id);
    if (!known && services.size >= MOST_SERVICES) forgetIdle(services);
    if (known?.key === key && known.name === name) return known;
    const phaseChanged = (phase: string) => log.warn({ upstream: name, breaker: phase }, `breaker is ${phase}`);
    const service: Service = {
      key,
      name,
      title,
      bounds,
      breaker: new Breaker(bounds.breaker, now, phaseChanged),
      gate: new Gate(bounds, now),
      counts: known?.counts ?? noCounts(),
      latencies: known?.latencies ?? new Latencies(),
      usedAt: now(),
    };
    services.set(id, service);
    return service;
  };

  const attempt = async (service: Service, exchange: Exchange, target: Target, next: Next): Promise<ExchangeResult> => {
    if (service.breaker.closedFor() !== 0) throw broken(service);
    const { actor } = exchange.caller;
    const place = await service.gate
      .enter(`${actor.workspaceId}:${actor.userId}`, exchange.signal)
      .catch((error: unknown) => {
        throw error instanceof Turned ? busy(service, error) : error;
      });
    const began = now();
    try {
      const admission = service.breaker.admit();
      if (!admission) throw broken(service);
      try {
        const result = await next(resting(exchange, place), target);
        admission.succeeded();
        service.latencies.add(now() - began);
        return result;
      } catch (error) {
        if (isUpstreamFailure(error)) admission.failed();
        else if (!exchange.signal?.aborted && hasAnswered(error))
          admission.succeeded(); // if only that it wants this not
        else admission.neither(); // given up, or it was not asked: a credential is missing, the vault is away
        throw error;
      }
    } finally {
      place.leave();
    }
  };

  const stage: Stage = async (exchange, target, next) => {
    const service = serviceOf(target.definition);
    const { counts, bounds } = service;
    counts.calls++;
    service.usedAt = now();
    for (let tries = 1; ; tries++) {
      try {
        const result = await attempt(service, exchange, target, next);
        counts.ok++;
        return result;
      } catch (error) {
        const wait =
          error instanceof AppError && tries < bounds.retry.maxAttempts && mayRepeat(error, exchange, target)
            ? delayBefore(tries, bounds.retry, error)
            : null;
        if (wait === null || exchange.signal?.aborted) {
          count(service, error, exchange);
          throw error;
        }
        counts.retries++;
        exchange.retried?.();
        await sleep(wait, undefined, exchange.signal ? { signal: exchange.signal } : {}).catch(() => {
          counts.aborted++;
          throw exchange.signal?.reason;
        });
      }
    }
  };

  const states = () => new Map(Array.from(services, ([id, service]) => [id, stateOf(service)]));
  if (metrics) serviceMetrics(metrics, states);
  return { stage, states };
}

/** Of upstreams that were removed nobody asks any more: of those that are idle the half that was used longest ago goes. */
function forgetIdle(services: Map<string, Service>): void {
  const idle = Array.from(services).filter(([, { breaker, gate }]) => {
    const { inFlight, queued } = gate.state();
    return inFlight === 0 && queued === 0 && breaker.state().phase === "closed";
  });
  idle.sort(([, a], [, b]) => a.usedAt - b.usedAt);
  for (const [id] of idle.slice(0, Math.ceil(idle.length / 2))) services.delete(id);
}

/** The exchange, whose place is free for others as long as somebody is asked in the middle of it. */
function resting(exchange: Exchange, place: Place): Exchange {
  const { ask } = exchange;
  if (!ask) return exchange;
  let asked = 0;
  return {
    ...exchange,
    async ask(request, withdrawn) {
      if (asked++ === 0) place.rest();
      try {
        return await ask(request, withdrawn);
      } finally {
        if (--asked === 0) place.goOn();
      }
    },
  };
}

function count({ counts }: Service, error: unknown, { signal }: Exchange): void {
  const code = error instanceof AppError ? error.code : "";
  if (code === "upstream.broken") counts.broken++;
  else if (code === "upstream.busy") counts.limited++;
  else if (isUpstreamFailure(error)) counts.failed++;
  else if (signal?.aborted) counts.aborted++;
  else counts.rejected++;
}

function broken({ title, breaker }: Service): AppError {
  const ms = breaker.closedFor();
  const seconds = Math.max(1, Math.ceil((ms ?? 1_000) / 1_000));
  return new AppError(
    "unavailable",
    "upstream.broken",
    `${title} failed several times in a row and is not asked at the moment; it is tried again in ${seconds} s`,
    { retryAfter: seconds, extra: { mayHaveRun: false } },
  );
}

function busy({ title, bounds: { rate } }: Service, { why, retryMs }: Turned): AppError {
  const seconds = Math.ceil(retryMs / 1_000);
  const reason =
    why === "queue-full"
      ? `more calls wait for it than may (${rate.queue})`
      : `no room within ${rate.queueMs / 1_000} s, at ${rate.requestsPerMinute} calls a minute`;
  return new AppError(
    "limited",
    "upstream.busy",
    `${title} gets too many calls: ${reason}. Try again in ${seconds} s`,
    {
      retryAfter: seconds,
      extra: { mayHaveRun: false },
    },
  );
}

const stateOf = ({ name, breaker, gate, counts, latencies, bounds }: Service): ServiceState => ({
  name,
  breaker: breaker.state(),
  ...gate.state(),
  counts: { ...counts },
  latency: latencies.quantiles(),
  bounds,
});
