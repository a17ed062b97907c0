import type { CatalogueEntry, ConfigField } from "./entry.ts";

const address = (title: string, description: string, preset?: string): ConfigField => ({
  type: "string",
  title,
  description,
  format: "uri",
  ...(preset !== undefined && { default: preset }),
});

/** Machines, time series, plant and business systems. */
export const INDUSTRIAL_SERVERS: CatalogueEntry[] = [
  {
    id: "opcua",
    title: "OPC UA",
    description: "Browse, read and write variables of an OPC UA server, call its methods, read its history",
    publisher: "IndustriAgents",
    tags: ["industrial", "opc ua", "plc", "machines", "sensors"],
    homepage: "https://github.com/IndustriAgents/OPCUA-MCP",
    url: "",
    transport: {
      kind: "stdio",
      command: "npx",
      args: ["-y", "opcua-mcp-server"],
      env: { OPCUA_SERVER_URL: "{server}" },
    },
    auth: { kind: "none" },
    policy: { approval: "writes" },
    config: {
      properties: {
        server: {
          type: "string",
          title: "OPC UA server",
          description: "Its endpoint, such as opc.tcp://plc.local:4840",
          pattern: "^opc\\.tcp://[^\\s]+$",
          default: "opc.tcp://localhost:4840",
        },
      },
      required: ["server"],
    },
    secrets: [],
    activate: "owner",
  },
  {
    id: "modbus",
    title: "Modbus",
    description: "Read and write coils and registers of Modbus devices, by a server that runs in the plant's network",
    publisher: "ezhuk",
    tags: ["industrial", "modbus", "plc", "machines", "sensors"],
    homepage: "https://github.com/ezhuk/modbus-mcp",
    url: "{url}",
    transport: { kind: "http" },
    auth: { kind: "none" },
    policy: { approval: "writes" },
    config: {
      properties: {
        url: address("Address", "Where `uv run modbus-mcp` listens", "http://127.0.0.1:8000/mcp/"),
      },
      required: ["url"],
    },
    secrets: [],
    activate: "owner",
  },
  {
    id: "mqtt",
    title: "MQTT",
    description:
      "Receive and publish messages of MQTT topics (Sparkplug among them), by a server in the plant's network",
    publisher: "ezhuk",
    tags: ["industrial", "mqtt", "sparkplug", "unified namespace", "sensors", "iot"],
    homepage: "https://github.com/ezhuk/mqtt-mcp",
    url: "{url}",
    transport: { kind: "http" },
    auth: { kind: "none" },
    policy: { approval: "writes" },
    config: {
      properties: {
        url: address("Address", "Where `uv run mqtt-mcp` listens", "http://127.0.0.1:8000/mcp/"),
      },
      required: ["url"],
    },
    secrets: [],
    activate: "owner",
  },
  {
    id: "influxdb",
    title: "InfluxDB 3",
    description: "Query time series with SQL and InfluxQL, look at databases and measurements, write points",
    publisher: "InfluxData",
    tags: ["industrial", "time series", "historian", "database", "sql"],
    homepage: "https://github.com/influxdata/influxdb3_mcp_server",
    url: "",
    transport: {
      kind: "stdio",
      command: "npx",
      args: ["-y", "@influxdata/influxdb3-mcp-server"],
      env: {
        INFLUX_DB_INSTANCE_URL: "{instance}",
        INFLUX_DB_PRODUCT_TYPE: "{product}",
        INFLUX_MCP_TOOL_PROFILE: "{profile}",
        INFLUX_DB_TOKEN: "${INFLUX_DB_TOKEN}",
      },
    },
    auth: { kind: "none" },
    config: {
      properties: {
        instance: address("Instance", "Address of the database", "http://localhost:8181/"),
        product: {
          type: "string",
          title: "Product",
          enum: ["core", "enterprise", "cloud-serverless"],
          default: "core",
        },
        profile: {
          type: "string",
          title: "Tools",
          description: "readonly: only tools that read; empty: all",
          enum: ["readonly"],
        },
      },
      required: ["instance", "product"],
    },
    secrets: [{ name: "INFLUX_DB_TOKEN", title: "InfluxDB token", description: "A token of the database" }],
    activate: "owner",
  },
  {
    id: "grafana",
    title: "Grafana",
    description: "Search dashboards, query Prometheus, Loki and other data sources, look at alerts and incidents",
    publisher: "Grafana Labs",
    tags: ["industrial", "dashboards", "monitoring", "alerts", "prometheus", "loki"],
    homepage: "https://github.com/grafana/mcp-grafana",
    url: "",
    transport: {
      kind: "stdio",
      command: "uvx",
      args: ["mcp-grafana"],
      env: { GRAFANA_URL: "{grafana}", GRAFANA_SERVICE_ACCOUNT_TOKEN: "${GRAFANA_SERVICE_ACCOUNT_TOKEN}" },
    },
    auth: { kind: "none" },
    config: {
      properties: { grafana: address("Grafana", "Its address", "http://localhost:3000") },
      required: ["grafana"],
    },
    secrets: [
      {
        name: "GRAFANA_SERVICE_ACCOUNT_TOKEN",
        title: "Service account token",
        description: "Of a service account with the role that the tools shall have",
      },
    ],
    activate: "owner",
  },
  {
    id: "postgres",
    title: "PostgreSQL",
    description: "Look at schemas, run SQL within a read-only transaction, explain and tune queries",
    publisher: "Crystal DBA",
    tags: ["industrial", "database", "sql", "postgresql"],
    homepage: "https://github.com/crystaldba/postgres-mcp",
    url: "",
    transport: {
      kind: "stdio",
      command: "uvx",
      args: ["postgres-mcp", "--access-mode={access}"],
      env: { DATABASE_URI: "${POSTGRES_DATABASE_URI}" },
    },
    auth: { kind: "none" },
    config: {
      properties: {
        access: {
          type: "string",
          title: "Access",
          description: "restricted: reads only, with limits",
          enum: ["restricted", "unrestricted"],
          default: "restricted",
        },
      },
      required: ["access"],
    },
    secrets: [
      {
        name: "POSTGRES_DATABASE_URI",
        title: "Database address",
        description: "postgresql://user:password@host:5432/database, best of a user who may only read",
      },
    ],
    activate: "owner",
  },
  {
    id: "sap",
    title: "SAP (OData as OpenAPI)",
    description:
      "An OData or REST service of SAP S/4HANA by its OpenAPI document: orders, materials, production, stock",
    publisher: "SAP",
    tags: ["industrial", "erp", "sap", "odata", "orders", "materials"],
    homepage: "https://api.sap.com/",
    url: "{service}",
    transport: { kind: "openapi", document: "{document}" },
    auth: { kind: "header", header: "Authorization", value: "${SAP_AUTHORIZATION}" },
    policy: { approval: "writes" },
    config: {
      properties: {
        service: address(
          "Service",
          "Root of the service, such as https://my.s4hana.example/sap/opu/odata/sap/API_SALES_ORDER_SRV",
        ),
        document: address(
          "OpenAPI document",
          "Address of its OpenAPI 3 document (JSON or YAML), such as api.sap.com gives it",
        ),
      },
      required: ["service", "document"],
    },
    secrets: [
      {
        name: "SAP_AUTHORIZATION",
        title: "Authorization",
        description: "The whole value of the header: `Basic …` of a communication user, or `Bearer …`",
      },
    ],
    activate: "admin",
  },
  {
    id: "home-assistant",
    title: "Home Assistant",
    description: "Devices, sensors and switches of a building, as far as they are exposed to assistants",
    publisher: "Home Assistant",
    tags: ["building", "iot", "sensors", "energy"],
    homepage: "https://www.home-assistant.io/integrations/mcp_server/",
    url: "{server}/api/mcp",
    transport: { kind: "http" },
    auth: { kind: "bearer", token: "${HOME_ASSISTANT_TOKEN}" },
    config: {
      properties: {
        server: address("Home Assistant", "Its address", "http://homeassistant.local:8123"),
      },
      required: ["server"],
    },
    secrets: [
      {
        name: "HOME_ASSISTANT_TOKEN",
        title: "Long-lived access token",
        description: "From the profile page of a Home Assistant user",
      },
    ],
    activate: "owner",
  },
];
