import type { CatalogueEntry } from "./entry.ts";

const common = { transport: { kind: "http" as const }, secrets: [] };
/** Each person signs in with their own account; the gateway registers itself with the issuer. */
const perPerson = { ...common, auth: { kind: "oauth-user" as const }, activate: "editor" as const };

/** The issuer knows only clients that an administrator has registered there. */
const ownClient = (prefix: string, title: string) => ({
  ...common,
  auth: { kind: "oauth-user" as const, clientId: "{clientId}", clientSecret: `\${${prefix}_CLIENT_SECRET}` },
  config: {
    properties: {
      clientId: {
        type: "string" as const,
        title: "Client id",
        description: `Of the application that you registered at ${title} for this gateway`,
        minLength: 1,
      },
    },
    required: ["clientId"],
  },
  secrets: [
    {
      name: `${prefix}_CLIENT_SECRET`,
      title: "Client secret",
      description: `Of the application that you registered at ${title}`,
    },
  ],
  activate: "admin" as const,
});

/** Development, office and knowledge, by the vendors' own servers. */
export const OFFICE_SERVERS: CatalogueEntry[] = [
  {
    ...perPerson,
    id: "atlassian",
    title: "Atlassian (Jira, Confluence)",
    description: "Search, create and change issues of Jira and pages of Confluence; Compass and Bitbucket",
    publisher: "Atlassian",
    tags: ["office", "issues", "tickets", "wiki", "jira", "confluence"],
    homepage: "https://support.atlassian.com/rovo/docs/atlassian-remote-mcp-server",
    url: "https://mcp.atlassian.com/v1/mcp/authv2",
  },
  {
    ...perPerson,
    id: "notion",
    title: "Notion",
    description: "Search, read and write pages and databases",
    publisher: "Notion",
    tags: ["office", "wiki", "documents", "notes"],
    homepage: "https://developers.notion.com/docs/mcp",
    url: "https://mcp.notion.com/mcp",
  },
  {
    ...perPerson,
    id: "linear",
    title: "Linear",
    description: "Find, create and change issues, projects and comments",
    publisher: "Linear",
    tags: ["office", "issues", "tickets", "projects"],
    homepage: "https://linear.app/docs/mcp",
    url: "https://mcp.linear.app/mcp",
  },
  {
    ...perPerson,
    id: "sentry",
    title: "Sentry",
    description: "Errors, issues and traces of software in operation",
    publisher: "Sentry",
    tags: ["development", "errors", "monitoring"],
    homepage: "https://docs.sentry.io/product/sentry-mcp/",
    url: "https://mcp.sentry.dev/mcp",
  },
  {
    ...common,
    id: "microsoft-learn",
    title: "Microsoft Learn",
    description: "Search and read the official documentation and code samples of Microsoft",
    publisher: "Microsoft",
    tags: ["knowledge", "documentation", "azure", "microsoft"],
    homepage: "https://learn.microsoft.com/training/support/mcp",
    url: "https://learn.microsoft.com/api/mcp",
    auth: { kind: "none" },
    activate: "editor",
  },
  {
    ...common,
    id: "github",
    title: "GitHub",
    description: "Repositories, issues, pull requests, actions and code search",
    publisher: "GitHub",
    tags: ["development", "git", "issues", "code"],
    homepage: "https://github.com/github/github-mcp-server",
    url: "https://api.githubcopilot.com/mcp/",
    auth: { kind: "bearer", token: "${GITHUB_TOKEN}" },
    secrets: [
      {
        name: "GITHUB_TOKEN",
        title: "Personal access token",
        description: "Fine-grained, with the repositories and permissions that the workspace shall have",
      },
    ],
    activate: "admin",
  },
  {
    ...common,
    id: "gitlab",
    title: "GitLab",
    description: "Projects, issues, merge requests and pipelines, on gitlab.com or one's own instance",
    publisher: "GitLab",
    tags: ["development", "git", "issues", "code"],
    homepage: "https://docs.gitlab.com/user/gitlab_duo/model_context_protocol/mcp_server/",
    url: "{instance}/api/v4/mcp",
    auth: { kind: "oauth-user" },
    config: {
      properties: {
        instance: { type: "string", title: "Instance", format: "uri", default: "https://gitlab.com" },
      },
      required: ["instance"],
    },
    activate: "admin",
  },
  {
    ...ownClient("ASANA", "Asana"),
    id: "asana",
    title: "Asana",
    description: "Tasks, projects, portfolios and workload",
    publisher: "Asana",
    tags: ["office", "tasks", "projects"],
    homepage: "https://developers.asana.com/docs/using-asanas-mcp-server",
    url: "https://mcp.asana.com/v2/mcp",
  },
  {
    ...ownClient("SLACK", "Slack"),
    id: "slack",
    title: "Slack",
    description: "Search and read channels and messages, send messages",
    publisher: "Slack",
    tags: ["office", "messages", "chat"],
    homepage: "https://docs.slack.dev/ai/slack-mcp-server/",
    url: "https://mcp.slack.com/mcp",
    policy: { approval: "writes" },
  },
  {
    ...ownClient("GOOGLE", "Google"),
    id: "google-drive",
    title: "Google Drive",
    description: "Search and read files of Google Drive",
    publisher: "Google",
    tags: ["office", "files", "documents", "google"],
    homepage: "https://developers.google.com/workspace",
    url: "https://drivemcp.googleapis.com/mcp/v1",
    auth: {
      kind: "oauth-user",
      clientId: "{clientId}",
      clientSecret: "${GOOGLE_CLIENT_SECRET}",
      scopes: ["https://www.googleapis.com/auth/drive.readonly"],
    },
  },
  {
    id: "microsoft-365",
    title: "Microsoft 365",
    description:
      "Mail, calendar, OneDrive, Excel, Teams and SharePoint through Microsoft Graph, for one account that signs in by device code",
    publisher: "Softeria",
    tags: ["office", "mail", "calendar", "excel", "teams", "sharepoint", "microsoft"],
    homepage: "https://github.com/softeria/ms-365-mcp-server",
    url: "",
    transport: { kind: "stdio", command: "npx", args: ["-y", "@softeria/ms-365-mcp-server", "--org-mode"], env: {} },
    auth: { kind: "none" },
    policy: { approval: "writes" },
    secrets: [],
    activate: "owner",
  },
];
