/**
 * What the code on both sides of the border needs of the language, taken before any user code runs: a flow that replaces
 * `JSON.stringify` or `Map.prototype.get` in its isolate changes its own world, not how its calls are told apart.
 */
export const { stringify, parse } = JSON;
export const { isArray } = Array;
export const { keys: keysOf, getPrototypeOf, defineProperty, getOwnPropertyDescriptor, create: createObject } = Object;
export const objectPrototype = Object.prototype;
export const { apply: applyFunction, defineProperty: tryDefine } = Reflect;

/** `method(this, …args)` of something that may be replaced later. */
// The cast names the shape that `call.bind` makes; the library's types lose it.
const uncurry = <T, A extends unknown[], R>(method: (this: T, ...args: A) => R) =>
  Function.prototype.call.bind(method) as (self: T, ...args: A) => R;

export const timeOf = uncurry(Date.prototype.getTime);
export const pushTo = uncurry<unknown[], [unknown], number>(Array.prototype.push);
export const popOf = uncurry<unknown[], [], unknown>(Array.prototype.pop);
export const sliceText = uncurry<string, [number, number?], string>(String.prototype.slice);
export const includesText = uncurry<string, [string], boolean>(String.prototype.includes);
export const thenOf = uncurry<Promise<unknown>, [(value: unknown) => void, (error: unknown) => void], Promise<unknown>>(
  Promise.prototype.then,
);
export const weakGet = uncurry<WeakMap<object, unknown>, [object], unknown>(WeakMap.prototype.get);
export const weakSet = uncurry<WeakMap<object, unknown>, [object, unknown], unknown>(WeakMap.prototype.set);
