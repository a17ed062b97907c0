/** What the doctor says about one thing. `attention`: it works, with a limit; `fault`: it does not start like this. */
export interface Finding {
  state: "ok" | "attention" | "fault";
  text: string;
}

export const ok = (text: string): Finding => ({ state: "ok", text });
export const attention = (text: string): Finding => ({ state: "attention", text });
export const fault = (text: string): Finding => ({ state: "fault", text });
