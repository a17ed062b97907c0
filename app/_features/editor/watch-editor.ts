/** What the bar above the editor shows of it. */
export interface EditorState {
  /** Changes that were not deployed. */
  dirty: boolean;
  /** Id of the tab in view; null: a subflow or none. */
  tab: string | null;
}

/** The part of Node-RED's editor that is used: it runs in our own frame, from our own address. */
interface Editor {
  events: { on: (event: string, heard: () => void) => void; off: (event: string, heard: () => void) => void };
  nodes: { dirty: () => boolean; workspace: (id: string) => unknown };
  workspaces: { active: () => string | number };
  actions: { invoke: (action: string) => void };
}

const POLL_MS = 300;
const EVENTS = ["workspace:dirty", "workspace:change", "deploy", "flows:loaded"];

function editorIn(frame: HTMLIFrameElement): Editor | null {
  try {
    const { RED } = (frame.contentWindow ?? {}) as { RED?: Partial<Editor> }; // whatever the frame shows at the moment
    return RED?.events && RED.nodes && RED.workspaces && RED.actions ? (RED as Editor) : null; // all of it is there
  } catch {
    return null; // a page of another origin: a failure of the browser's own
  }
}

/**
 * Tells how the editor in a frame is, from when it is there, until the returned function is called. The frame may show
 * other pages before and in between: while Node-RED starts, and after it was loaded anew.
 */
export function watchEditor(
  frame: HTMLIFrameElement,
  { onReady, onState }: { onReady: () => void; onState: (state: EditorState) => void },
): () => void {
  let known: Editor | null = null;
  let told = "";
  const tell = () => {
    if (!known) return;
    try {
      const active = known.workspaces.active();
      const tab = typeof active === "string" && known.nodes.workspace(active) ? active : null;
      const state = { dirty: known.nodes.dirty() === true, tab };
      const text = JSON.stringify(state);
      if (text !== told) onState(state);
      told = text;
    } catch {
      known = null; // it is being unloaded
    }
  };
  const look = () => {
    const now = editorIn(frame);
    if (now === known) return tell();
    for (const event of EVENTS) known?.events.off(event, tell);
    known = now;
    told = "";
    if (!now) return;
    for (const event of EVENTS) now.events.on(event, tell);
    onReady();
    tell();
  };
  const timer = setInterval(look, POLL_MS);
  look();
  return () => {
    clearInterval(timer);
    for (const event of EVENTS) known?.events.off(event, tell);
  };
}

/** As if the person had pressed Deploy; resolves with whether nothing is left to deploy. */
export function deployEditor(frame: HTMLIFrameElement, withinMs = 15_000): Promise<boolean> {
  const editor = editorIn(frame);
  if (!editor) return Promise.resolve(false);
  if (!editor.nodes.dirty()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (done: boolean) => {
      clearTimeout(timer);
      editor.events.off("deploy", heard);
      resolve(done);
    };
    const heard = () => end(true);
    // it asks about problems, or refuses because of a conflict: then the person is at work in it
    const timer = setTimeout(() => end(false), withinMs);
    editor.events.on("deploy", heard);
    editor.actions.invoke("core:deploy-flows");
  });
}

/** Node-RED's own key in the browser's storage, and its own class. */
const THEME_KEY = "view-dark-theme";
const DARK_CLASS = "nr-theme-dark";

/** Lets the editor look as the rest does: now, and when it is loaded the next time. */
export function dressEditor(frame: HTMLIFrameElement, dark: boolean): void {
  try {
    localStorage.setItem(THEME_KEY, dark ? "dark" : "light");
    frame.contentDocument?.documentElement.classList.toggle(DARK_CLASS, dark);
    const { monaco } = (frame.contentWindow ?? {}) as { monaco?: { editor?: { setTheme?: (name: string) => void } } }; // there once code was opened
    monaco?.editor?.setTheme?.(dark ? "vs-dark" : "vs");
  } catch {
    // without storage, or with a page of the browser's own in the frame, it stays as it is
  }
}
