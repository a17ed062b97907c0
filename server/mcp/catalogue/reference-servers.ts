import type { CatalogueEntry } from "./entry.ts";

const REPOSITORY = "https://github.com/modelcontextprotocol/servers/tree/main/src";
const common = {
  publisher: "Model Context Protocol",
  url: "",
  auth: { kind: "none" as const },
  secrets: [],
  activate: "owner" as const,
};
const npx = (name: string, ...args: string[]) => ({
  kind: "stdio" as const,
  command: "npx",
  args: ["-y", `@modelcontextprotocol/server-${name}`, ...args],
  env: {},
});
const uvx = (name: string, ...args: string[]) => ({
  kind: "stdio" as const,
  command: "uvx",
  args: [`mcp-server-${name}`, ...args],
  env: {},
});

/** The reference servers of the Model Context Protocol, as their repository documents them. */
export const REFERENCE_SERVERS: CatalogueEntry[] = [
  {
    ...common,
    id: "everything",
    title: "Everything",
    description: "Test server with one of each: tools, resources, prompts, progress, elicitation, sampling",
    tags: ["reference", "test"],
    homepage: `${REPOSITORY}/everything`,
    transport: npx("everything"),
  },
  {
    ...common,
    id: "filesystem",
    title: "Filesystem",
    description: "Read, search and change files below the folders that are named, and nowhere else",
    tags: ["reference", "files"],
    homepage: `${REPOSITORY}/filesystem`,
    transport: npx("filesystem", "{folders}"),
    config: {
      properties: {
        folders: {
          type: "array",
          items: { type: "string" },
          minItems: 1,
          title: "Folders",
          description: "Absolute paths on the gateway's machine that the server may use",
        },
      },
      required: ["folders"],
    },
  },
  {
    ...common,
    id: "memory",
    title: "Memory",
    description: "A knowledge graph that keeps entities, relations and observations",
    tags: ["reference", "knowledge"],
    homepage: `${REPOSITORY}/memory`,
    transport: npx("memory"),
  },
  {
    ...common,
    id: "sequential-thinking",
    title: "Sequential thinking",
    description: "Takes a problem apart into steps that can be revised and branched",
    tags: ["reference", "reasoning"],
    homepage: `${REPOSITORY}/sequentialthinking`,
    transport: npx("sequential-thinking"),
  },
  {
    ...common,
    id: "fetch",
    title: "Fetch",
    description: "Fetches web pages and turns them into Markdown",
    tags: ["reference", "web"],
    homepage: `${REPOSITORY}/fetch`,
    transport: uvx("fetch"),
  },
  {
    ...common,
    id: "git",
    title: "Git",
    description: "Reads, searches and changes a Git repository on the gateway's machine",
    tags: ["reference", "development", "git"],
    homepage: `${REPOSITORY}/git`,
    transport: uvx("git", "--repository", "{repository}"),
    config: {
      properties: {
        repository: {
          type: "string",
          title: "Repository",
          description: "Absolute path of the repository",
          minLength: 1,
        },
      },
      required: ["repository"],
    },
  },
  {
    ...common,
    id: "time",
    title: "Time",
    description: "The current time, and conversion between time zones",
    tags: ["reference", "time"],
    homepage: `${REPOSITORY}/time`,
    transport: uvx("time", "--local-timezone={timezone}"),
    config: {
      properties: {
        timezone: {
          type: "string",
          title: "Time zone",
          description: "IANA name, such as Europe/Berlin",
          default: "Europe/Berlin",
          pattern: "^[A-Za-z0-9_+/-]{1,64}$",
        },
      },
      required: [],
    },
  },
];
