import { parse, type AnyNode, type CallExpression } from "acorn";
import { recursive, simple } from "acorn-walk";

/** What is to be known of a function node's code before it is wrapped. */
export interface Analysis {
  /** It has an `await` of its own (not one in a function inside). Without, no promise is needed to call it. */
  awaits: boolean;
  /** It calls `node.done()` itself, so that nobody else should: Node-RED's rule. */
  callsDone: boolean;
}

/** Code that is no JavaScript is taken to do both: V8 says what is wrong with it when it is compiled. */
export function analyse(code: string): Analysis {
  const mayDone = /node\.done\s*\(\s*\)/.test(code);
  const mayAwait = code.includes("await");
  if (!mayDone && !mayAwait) return { awaits: false, callsDone: false };
  let program: AnyNode;
  try {
    program = parse(`(async function () {\n${code}\n})`, { ecmaVersion: "latest" });
  } catch {
    return { awaits: true, callsDone: false };
  }
  return { awaits: mayAwait && awaits(program), callsDone: mayDone && callsDone(program) };
}

function awaits(program: AnyNode): boolean {
  let found = false;
  let depth = 0;
  recursive(program, null, {
    // Depth 1 is the wrapper.
    Function(node, state, walk) {
      depth += 1;
      if (depth === 1) walk(node.body, state);
      depth -= 1;
    },
    Class: () => undefined,
    AwaitExpression: () => void (found = true),
    ForOfStatement(node, state, walk) {
      if (node.await) found = true;
      for (const part of [node.left, node.right, node.body]) walk(part, state);
    },
    VariableDeclaration(node, state, walk) {
      if (node.kind === "await using") found = true;
      for (const declaration of node.declarations) walk(declaration, state);
    },
  });
  return found;
}

function callsDone(program: AnyNode): boolean {
  let found = false;
  simple(program, {
    CallExpression({ callee }: CallExpression) {
      if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return;
      const isDone = callee.property.type === "Identifier" && callee.property.name === "done";
      if (isDone && callee.object.name === "node") found = true;
    },
  });
  return found;
}
