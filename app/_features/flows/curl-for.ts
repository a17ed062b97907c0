const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A command for a shell that sends a request with an API key. Without `body` those methods that carry one send `{}`. */
export function curlFor({ method, url, body }: { method: string; url: string; body?: unknown }): string {
  const carries = !["GET", "HEAD", "DELETE", "OPTIONS"].includes(method.toUpperCase());
  const parts = [
    method.toUpperCase() === "GET" ? "curl" : `curl -X ${method.toUpperCase()}`,
    quoted(url),
    `-H "Authorization: Bearer $OSF_API_KEY"`,
    ...(carries ? [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body ?? {}))}`] : []),
  ];
  return parts.join(" \\\n  ");
}
