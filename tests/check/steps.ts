import { spawn } from "node:child_process";
import path from "node:path";

export interface Step {
  name: string;
  /** Commands of this step in order; the first that fails ends it. Programs are those of node_modules/.bin. */
  commands: string[][];
}

export interface Outcome {
  name: string;
  ok: boolean;
  seconds: number;
  output: string;
}

/** Runs the steps, `width` at a time, and tells each outcome as it comes. */
export async function runSteps(steps: Step[], project: string, width: number, tell: (outcome: Outcome) => void) {
  const waiting = [...steps];
  const outcomes: Outcome[] = [];
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const outcome = await runStep(step, project);
      outcomes.push(outcome);
      tell(outcome);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return outcomes;
}

async function runStep({ name, commands }: Step, project: string): Promise<Outcome> {
  const began = performance.now();
  let output = "";
  let ok = true;
  for (const [program = "", ...args] of commands) {
    if (!ok) break;
    const child = spawn(path.join(project, "node_modules/.bin", program), args, {
      cwd: project,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    child.stderr.on("data", (chunk) => (output += String(chunk)));
    ok = await new Promise((resolve) => {
      child.once("error", (error) => {
        output += `${program}: ${error.message}`;
        resolve(false);
      });
      child.once("close", (code) => resolve(code === 0));
    });
  }
  return { name, ok, seconds: (performance.now() - began) / 1_000, output: output.trim() };
}
